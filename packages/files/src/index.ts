export { type CsvRow, csvHeader, csvRows } from "./csv-rows.ts";
export { checkKind, type FileKind, findKind } from "./file-kind.ts";
export { InputError, type InputErrorOptions } from "./input-error.ts";
export { addIssues, parseFile, parseNaming } from "./parse-file.ts";
export { nestsTooDeep, parseJson, tooDeep } from "./parse-json.ts";
export { readText } from "./read-text.ts";
export { describeReject, keepRejects, type Place, type Reject, Rejects } from "./rejects.ts";
export { type Draft, FileError, makeFolder, openDraft, removeFile, writeWhole } from "./whole-file.ts";
export { escaped } from "./xml-text.ts";
