import { createPrivateKey, generateKeyPair, type KeyObject } from "node:crypto";
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { writeWhole } from "@plimsoll/files";
import { DataDirectoryError } from "./data-directory.ts";

/** The private keys of a local stage, by name. All are RSA keys of 2,048 bits. */
export type PrivateKeys = ReadonlyMap<string, KeyObject>;

const generate = promisify(generateKeyPair);

/**
 * Returns a key for each name. Keys are kept in `file`, which only its owner may read, so that tokens outlive a restart.
 * Without a file they end with the process. Throws a `DataDirectoryError` if the file cannot be read.
 */
export async function openKeys(names: readonly string[], file: string | undefined): Promise<PrivateKeys> {
  const kept = file === undefined || !existsSync(file) ? new Map<string, KeyObject>() : readKeys(file);
  const missing = names.filter((name) => !kept.has(name));
  const made = await Promise.all(
    missing.map(async (name): Promise<[string, KeyObject]> => {
      const { privateKey } = await generate("rsa", { modulusLength: 2_048 });
      return [name, privateKey];
    }),
  );
  const keys = new Map([...kept, ...made]);
  if (file !== undefined && made.length > 0) writeKeys(file, keys);
  return keys;
}

function readKeys(file: string): Map<string, KeyObject> {
  try {
    const pems = Object.entries(JSON.parse(readFileSync(file, "utf8")) as Record<string, string>);
    return new Map(pems.map(([name, pem]) => [name, createPrivateKey(pem)]));
  } catch (cause) {
    throw new DataDirectoryError(`${file} holds no keys; delete it for new ones, which ends all tokens`, { cause });
  }
}

function writeKeys(file: string, keys: PrivateKeys): void {
  const pems = [...keys].map(([name, key]) => [name, key.export({ type: "pkcs8", format: "pem" })]);
  // A file keeps its rights when it is written again, so that no key is ever in a file that others may read.
  if (!existsSync(file)) writeWhole(file, "{}");
  chmodSync(file, 0o600);
  writeWhole(file, JSON.stringify(Object.fromEntries(pems)));
}
