export { marginOnSpanFile } from "./margin-span-file.ts";
export { ownSpanFile } from "./own-span-file.ts";
export { parseSpanFile, type ReadSpanFileOptions, readSpanFile } from "./read-span-file.ts";
export { type ReadSpanFile, type SpanFile, type SpanFileContract, SpanFileError, spanContractId } from "./span-file.ts";
export { writeSpanFile } from "./write-span-file.ts";
