export { findImpliedVolatility } from "./implied.ts";
