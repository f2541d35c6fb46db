export { black76IntoScenarios, type OptionSign } from "./black76.ts";
