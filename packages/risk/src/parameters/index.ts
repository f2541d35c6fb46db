export { defaultParameters } from "./default.ts";
