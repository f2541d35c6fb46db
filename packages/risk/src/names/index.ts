export {
  describeUnknownInstrument,
  expiredOrderRemedy,
  expiredRemedy,
  monthNames,
  namedExpiryMs,
  type UnknownInstrument,
} from "./instrument-names.ts";
export { nearestNames, nearestWords } from "./nearest.ts";
