import fc from "fast-check";
import * as z from "zod";

/** The parts of a JSON schema that zod writes for our contracts. */
interface JsonSchema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
}

/** Values that mean something where they are sent, by the name of the member that holds them. */
export type KnownValues = Readonly<Record<string, readonly unknown[]>>;

/** Most entries of a list that is made up. Longer ones say nothing new. */
const listLength = 3;

/**
 * Returns inputs of a zod schema, as JSON values. Members that `known` names mostly hold one of its values, so that a
 * request gets past the first check. Refinements are not followed: what breaks one is nearly valid.
 */
export function inputsOf(schema: z.ZodType, known: KnownValues): fc.Arbitrary<unknown> {
  const whole = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema;
  return valuesOf(whole, { known, definitions: whole.$defs ?? {}, name: "" });
}

interface Place {
  readonly known: KnownValues;
  readonly definitions: Readonly<Record<string, JsonSchema>>;
  /** The member that holds the value; of an entry of a list, the member that holds the list. */
  readonly name: string;
}

function valuesOf(schema: JsonSchema, place: Place): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) {
    const named = schema.$ref.split("/").at(-1) ?? "";
    return valuesOf(place.definitions[named] ?? {}, place);
  }
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return fc.oneof(...choices.map((choice) => valuesOf(choice, place)));
  if (schema.type === "object" || schema.type === "array") return containersOf(schema, place);
  const known = place.known[place.name];
  const free = scalarsOf(schema);
  if (known === undefined) return free;
  return fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: free });
}

function containersOf(schema: JsonSchema, place: Place): fc.Arbitrary<unknown> {
  if (schema.type === "array") {
    const { items = {}, minItems = 0, maxItems = listLength } = schema;
    const lengths = { minLength: minItems, maxLength: Math.max(minItems, Math.min(maxItems, listLength)) };
    return fc.array(valuesOf(items, place), lengths);
  }
  const members = Object.entries(schema.properties ?? {}).map(([name, member]) => {
    return [name, valuesOf(member, { ...place, name })] as const;
  });
  return fc.record(Object.fromEntries(members), { requiredKeys: [...(schema.required ?? [])], noNullPrototype: true });
}

const texts = new Map<string, fc.Arbitrary<string>>();

function scalarsOf({ type, format, pattern, minLength, maxLength, ...of }: JsonSchema): fc.Arbitrary<unknown> {
  const { minimum = -1e9, maximum = 1e9 } = of;
  switch (type) {
    case "integer":
      return fc.integer({ min: Math.ceil(minimum), max: Math.floor(Math.max(minimum, maximum)) });
    case "number":
      return fc.double({ min: minimum, max: maximum, noNaN: true });
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "string":
      if (format === "date-time")
        return fc.date({ noInvalidDate: true, min: new Date(0) }).map((at) => at.toISOString());
      if (pattern !== undefined) return matching(pattern);
      return fc.string({ unit: "binary", minLength: minLength ?? 0, maxLength: Math.min(maxLength ?? 40, 40) });
    default:
      return fc.json({ maxDepth: 2 }).map((text) => JSON.parse(text) as unknown);
  }
}

/** Texts that match a pattern, built once for each, as that takes long. */
function matching(pattern: string): fc.Arbitrary<string> {
  const known = texts.get(pattern) ?? fc.stringMatching(new RegExp(pattern));
  texts.set(pattern, known);
  return known;
}
