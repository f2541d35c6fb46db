import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { errorText } from "@plimsoll/schema";
import { SpanFileError } from "./span-file.ts";

/** The most bytes of a file, unpacked. The whole file of a clearing house has hundreds of megabytes. */
export const unpackedBytesLimit = 4 * 1024 * 1024 * 1024;

/**
 * The most bytes that one byte of gzip may unpack to. Parameter files shrink 10 to 60 times, and gzip bombs about a
 * thousand times.
 */
export const unpackedRatioLimit = 200;

/** The unpacked bytes from which on the ratio is checked. Smaller files can do no harm. */
export const ratioFromBytes = 16 * 1024 * 1024;

const gzipMagic = [0x1f, 0x8b];
const zipMagic = [0x50, 0x4b, 0x03, 0x04];

/**
 * Yields the text of a UTF-8 file piece by piece. A gzip file is unpacked, whatever its name says. Throws a
 * SpanFileError if the file cannot be read, is empty, damaged, a zip archive or larger than the limits.
 */
export async function* readSpanFileText(path: string): AsyncGenerator<string> {
  const file = createReadStream(path);
  try {
    const pieces: AsyncIterator<Buffer> = file[Symbol.asyncIterator]();
    const first = (await pieces.next()).value as Buffer | undefined;
    if (first === undefined) throw new SpanFileError("the file is empty");
    if (startsWith(first, zipMagic)) throw new SpanFileError("the file is a zip archive: unpack it first");
    const packed = new CountedPieces(first, pieces);
    yield* startsWith(first, gzipMagic)
      ? decode(
          pipeline(packed, createGunzip(), () => {}),
          packed,
        )
      : decode(packed, packed);
  } catch (cause) {
    if (cause instanceof SpanFileError) throw cause;
    const isDamaged = (cause as NodeJS.ErrnoException).code?.startsWith("Z_") ?? false;
    throw new SpanFileError(
      isDamaged
        ? `the file is gzip that is cut off or damaged (${errorText(cause)}): fetch it again`
        : `the file cannot be read (${errorText(cause)}): check the path`,
      { cause },
    );
  } finally {
    file.destroy();
  }
}

/** The pieces of a file as they are on disk. It counts their bytes as they are taken. */
class CountedPieces implements AsyncIterable<Buffer> {
  bytes = 0;
  readonly #first: Buffer;
  readonly #rest: AsyncIterator<Buffer>;

  constructor(first: Buffer, rest: AsyncIterator<Buffer>) {
    this.#first = first;
    this.#rest = rest;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    for (let piece: Buffer | undefined = this.#first; piece !== undefined; piece = (await this.#rest.next()).value) {
      this.bytes += piece.length;
      yield piece;
    }
  }
}

async function* decode(pieces: AsyncIterable<Buffer>, packed: CountedPieces): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8");
  let unpacked = 0;
  for await (const piece of pieces) {
    unpacked += piece.length;
    if (unpacked > unpackedBytesLimit) {
      throw new SpanFileError(`the file has more than ${unpackedBytesLimit} bytes, unpacked`);
    }
    if (unpacked > ratioFromBytes && unpacked > unpackedRatioLimit * packed.bytes) {
      throw new SpanFileError(
        `the file is gzip that unpacks to more than ${unpackedRatioLimit} times its size: it is no parameter file`,
      );
    }
    yield decoder.decode(piece, { stream: true });
  }
  yield decoder.decode();
}

function startsWith(bytes: Buffer, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}
