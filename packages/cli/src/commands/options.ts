import { InvalidArgumentError } from "commander";

/** Parses an option that is a whole number within bounds, for commander. */
export function wholeNumber(name: string, low: number, high: number) {
  return (text: string): number => {
    const value = Number(text);
    if (/^\d{1,15}$/.test(text) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`${name} must be a whole number from ${low} to ${high}.`);
  };
}
