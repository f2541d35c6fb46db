export { valueAfterHaircutUsd } from "./haircut.ts";
