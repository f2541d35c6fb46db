import { readFileSync, statSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { errorText } from "@plimsoll/schema";
import { InputError } from "./input-error.ts";

/**
 * The largest input in bytes, packed or unpacked. A whole chain is under 1 MB, and a gzip bomb must not exhaust the
 * machine.
 */
const inputBytesLimit = 256 * 1024 * 1024;

const gzipMagic = [0x1f, 0x8b];

/**
 * Returns the text of a file in UTF-8. A gzip file is unpacked, whatever its name says. Throws an `InputError` that
 * names the remedy.
 */
export function readText(path: string): string {
  const bytes = unpack(path, readBytes(path));
  if (bytes.length === 0) throw new InputError(`${path} is empty: give a file with a header and rows, or JSON`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new InputError(`${path} is not text in UTF-8: save it as UTF-8, or as gzip of that`, { cause });
  }
}

function readBytes(path: string): Uint8Array {
  try {
    const { size } = statSync(path);
    if (size > inputBytesLimit) {
      throw new InputError(`${path} has ${size} bytes; at most ${inputBytesLimit} are read: split it`);
    }
    return readFileSync(path);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError(`${path} cannot be read (${errorText(cause)}): check the path`, { cause });
  }
}

function unpack(path: string, bytes: Uint8Array): Uint8Array {
  if (!gzipMagic.every((byte, index) => bytes[index] === byte)) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: inputBytesLimit });
  } catch (cause) {
    const tooLarge = cause instanceof RangeError;
    const problem = tooLarge
      ? `unpacks to more than ${inputBytesLimit} bytes: split it`
      : `is gzip that is cut off or damaged (${errorText(cause)}): fetch it again`;
    throw new InputError(`${path} ${problem}`, { cause });
  }
}
