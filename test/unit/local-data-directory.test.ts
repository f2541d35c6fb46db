import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { openDataDirectory } from "../../packages/local/src/data-directory.ts";
import { Checkpoints } from "../../packages/local/src/triggers/checkpoints.ts";

const root = mkdtempSync(join(tmpdir(), "plimsoll-data-"));
afterAll(() => rmSync(root, { recursive: true }));

let data: string;
beforeEach(() => {
  data = join(mkdtempSync(join(root, "run-")), "data");
});

const open = () => openDataDirectory(data, "dynoxide");

/** A database of a few pages, as the emulators leave them. */
function writeDatabase(path: string): void {
  const database = new DatabaseSync(path);
  database.exec("CREATE TABLE items (text TEXT)");
  database.exec(`INSERT INTO items VALUES ('${"x".repeat(20_000)}')`);
  database.close();
}

describe("a data directory", () => {
  it("is opened again as it was left, one after the other", () => {
    open().release();
    for (const name of ["dynamodb/dynoxide.sqlite", "messaging/fauxqs.db"]) writeDatabase(join(data, name));
    const again = open();
    expect(() => open()).toThrow(/is in use by another local stage; stop that one or choose another directory/);
    again.release();
    open().release();
    expect(readFileSync(join(data, "emulator"), "utf8")).toBe("dynoxide");
    expect(readdirSync(data).toSorted()).toEqual(["dynamodb", "emulator", "lock.sqlite", "messaging"]);
  });

  it("may itself be a link, and has no links in it", () => {
    mkdirSync(join(root, "disk"), { recursive: true });
    symlinkSync(join(root, "disk"), data);
    open().release();
    expect(readdirSync(join(root, "disk"))).toContain("emulator");
    rmSync(join(data, "messaging"), { recursive: true });
    symlinkSync(root, join(data, "messaging"));
    expect(open).toThrow(/messaging is a symbolic link/);
  });

  it.each(["dynamodb/dynoxide.sqlite", "dynamodb/shared-local-instance.db", "messaging/fauxqs.db"])(
    "is refused with %s empty, cut off or of something else, and is free again then",
    (name) => {
      open().release();
      const path = join(data, name);
      writeFileSync(path, "");
      expect(open).toThrow(
        /is empty \(0 bytes\); put a copy of the directory back, or delete the directory to begin anew/,
      );
      writeFileSync(path, "SQLite for");
      expect(open).toThrow(/is cut off or damaged \(10 bytes\)/);
      writeFileSync(path, "not a database at all, but long enough to be one. ".repeat(100));
      expect(open).toThrow(/is cut off or damaged \(5000 bytes\)/);
      rmSync(path);
      writeDatabase(path);
      open().release();
      truncateSync(path, 8192);
      expect(open).toThrow(/is cut off or damaged \(8192 bytes\)/);
    },
  );

  it("is not refused where a database lies in its log yet", () => {
    open().release();
    writeFileSync(join(data, "dynamodb/dynoxide.sqlite"), "");
    writeFileSync(join(data, "dynamodb/dynoxide.sqlite-wal"), "x");
    open().release();
    rmSync(join(data, "dynamodb/dynoxide.sqlite"));
    writeDatabase(join(data, "dynamodb/dynoxide.sqlite"));
    // As a disk that is full in the middle of a checkpoint leaves it.
    truncateSync(join(data, "dynamodb/dynoxide.sqlite"), 4096);
    writeFileSync(join(data, "dynamodb/dynoxide.sqlite-wal"), "x");
    open().release();
  });

  it.each(["", "dynox", "\0\0\0"])("is refused when its note is %j, unless nothing was written yet", (note) => {
    open().release();
    writeFileSync(join(data, "emulator"), note);
    open().release();
    expect(readFileSync(join(data, "emulator"), "utf8")).toBe("dynoxide");
    writeDatabase(join(data, "dynamodb/dynoxide.sqlite"));
    writeFileSync(join(data, "emulator"), note);
    expect(open).toThrow(
      /emulator is empty or damaged and does not say which emulator wrote --data .*; write dynoxide or dynamodb-local into it/,
    );
  });

  it.each(["dynoxide\n", " dynoxide\r\n"])("takes a note that an editor or echo wrote: %j", (note) => {
    open().release();
    writeDatabase(join(data, "dynamodb/dynoxide.sqlite"));
    writeFileSync(join(data, "emulator"), note);
    open().release();
    writeFileSync(join(data, "emulator"), "dynamodb-local\n");
    expect(open).toThrow(/was written with dynamodb-local, but this machine now offers dynoxide/);
  });

  it.each([
    "emulator",
    "streams.json",
    "lock.sqlite",
    "dynamodb/dynoxide.sqlite",
    "dynamodb/dynoxide.sqlite-wal",
    "dynamodb/emulator.pid",
    "messaging/fauxqs.db",
  ])("is refused with a folder in the place of %s", (name) => {
    mkdirSync(join(data, name), { recursive: true });
    expect(open).toThrow(`${name} is a folder, and a file must be there: move it away, or choose another directory`);
    rmSync(join(data, name), { recursive: true });
    open().release();
  });

  it("says of a damaged lock that it holds nothing", () => {
    open().release();
    writeFileSync(join(data, "lock.sqlite"), "no database ".repeat(1_000));
    expect(open).toThrow(/lock\.sqlite is damaged; delete it, for it holds nothing/);
  });

  it("says why it cannot be made", () => {
    data = "/proc/plimsoll/data";
    expect(open).toThrow(/\/proc\/plimsoll\/data cannot be written: .*: .*another place/);
    data = join(root, "file");
    writeFileSync(data, "mine");
    expect(open).toThrow(/file cannot be written: .*file is a file, and a folder must be there: /);
    mkdirSync(join(root, "half"));
    writeFileSync(join(root, "half", "dynamodb"), "mine");
    data = join(root, "half");
    expect(open).toThrow(/dynamodb is a file, and a folder must be there: /);
  });
});

describe("positions in streams", () => {
  const position = { streamArn: "arn:stream", shards: { one: { after: "7", finished: false } } };

  it("are read as they were saved", () => {
    const file = join(root, "positions.json");
    new Checkpoints(file).save("Ledger", position);
    expect(new Checkpoints(file).find("Ledger", "arn:stream")).toEqual(position);
  });

  it.each([
    "",
    '{"Ledger":{"streamArn":"arn:stre',
    "null",
    "[]",
    '{"Ledger":null}',
    '{"Ledger":{"streamArn":"a"}}',
    '{"Ledger":{"streamArn":"a","shards":{"one":{"after":7,"finished":false}}}}',
  ])("are refused as %j, with the remedy", (text) => {
    const file = join(root, "damaged.json");
    writeFileSync(file, text);
    expect(() => new Checkpoints(file)).toThrow(
      /damaged\.json, the streams' positions, is empty or damaged; delete it, and all that the streams hold is delivered again/,
    );
  });
});
