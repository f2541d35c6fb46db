export { everlastingOptionPrice, everlastingOptionValue } from "./everlasting-option.ts";
export * from "./funding.ts";
export { type PerpetualOptionTerms, type PerpetualOptionValue, perpetualOptionValue } from "./perpetual-option.ts";
export * from "./power-perpetual.ts";
export {
  curvedPerpetualMark,
  curvedPerpetualValue,
  findCurvedFault,
  movedCurvedMark,
  perpetualModelOf,
  writeCurvedArray,
} from "./quoted-value.ts";
