export * from "./perpetual-option.ts";
export * from "./power-perpetual.ts";
