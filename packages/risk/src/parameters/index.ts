export { defaultParameters } from "./default.ts";
export { defaultMethodParameters } from "./default-methods.ts";
