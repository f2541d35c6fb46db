import { existsSync } from "node:fs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  activateVersion,
  approveProposal,
  isStoredVersion,
  type PutOutcome,
  putParameters,
  shippedParameters,
} from "@plimsoll/app";
import { parseFile, parseJson, readText } from "@plimsoll/files";
import { InputError } from "@plimsoll/files/input-error";
import { defaultParameters, type ParameterSet } from "@plimsoll/risk";
import {
  decodeControls,
  errorText,
  isOfPerson,
  type ParameterControls,
  parameterControls,
  proposalId,
} from "@plimsoll/schema";
import { type Activation, findProposal, getParameters, loadActivations, type Table } from "@plimsoll/store";
import type { Terminal } from "../output/terminal.ts";
import { diffParameters } from "./diff.ts";
import { readParameters } from "./read-parameters.ts";

/** The kinds of table of a stage, as stacks/storage.ts names them. */
const tableKinds = ["Ledger", "Market", "Margin", "Notify"] as const;

/**
 * Opens a table of a stage by its name, with the credentials and region of the environment. Throws an `InputError` if
 * the name says that it is another table of the stage. That table would hold nothing of what is asked for, which would
 * look like an all-clear.
 */
export function openTable(name: string, kind: (typeof tableKinds)[number], option = "--table"): Table {
  const named = tableKinds.filter((other) => new RegExp(`(^|-)${other}(Table)?(-|$)`).test(name));
  if (named.length > 0 && !named.includes(kind)) {
    throw new InputError(
      `${option} is ${name}, a stage's ${named.join(" or ")} table: give the name of its ${kind} table`,
      { mistakeIn: "request" },
    );
  }
  return { client: explainingClient(name, option), name, meter: { readUnits: 0, writeUnits: 0 } };
}

/**
 * Returns a client whose errors name the table, its region and what to check. Failed conditions stay as they are,
 * because the store handles them.
 */
function explainingClient(name: string, option: string): DynamoDBClient {
  const client = new DynamoDBClient({});
  client.middlewareStack.add(
    (next) => async (request) => {
      try {
        return await next(request);
      } catch (cause) {
        if (!(cause instanceof Error) || /^(ConditionalCheck|Transaction)/.test(cause.name)) throw cause;
        const region = await client.config.region().catch(() => null);
        throw new InputError(`${option} ${name}, ${serviceWords(cause, region)}`, { cause });
      }
    },
    { step: "initialize", priority: "high", name: "explainFaults" },
  );
  return client;
}

/** The names of errors from credentials that are missing, too old or not those of any user. */
const credentialFaults =
  /^(CredentialsProviderError|UnrecognizedClientException|ExpiredTokenException|ExpiredToken|InvalidSignatureException|MissingAuthenticationTokenException|IncompleteSignatureException)$/;
const networkFaults = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|TimeoutError/;

function serviceWords(fault: Error, region: string | null): string {
  if (region === null) return "no region: set AWS_REGION to the stage's region, such as eu-west-1";
  const where = `region ${region}`;
  if (fault.name === "ResourceNotFoundException")
    return `${where}: there is no such table; check the name and AWS_REGION`;
  if (credentialFaults.test(fault.name)) {
    return `${where}: no credentials that are valid (${fault.message}); set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`;
  }
  if (fault.name === "AccessDeniedException") {
    return `${where}: these credentials have no access to it (${fault.message}); use others, or have them allowed to`;
  }
  const code = "code" in fault ? String(fault.code) : "";
  if (networkFaults.test(`${fault.name} ${code} ${fault.message}`)) {
    return `${where}: DynamoDB does not answer there (${errorText(fault) || code}); check AWS_REGION and the network`;
  }
  return `${where}: ${errorText(fault)}`;
}

/**
 * Finds a parameter set by its file, the shipped one by its version, or any by its version in the table. The id of a
 * proposal finds the set that it proposes. Throws an `InputError` if there is none.
 */
export async function findSet(name: string, market: Table | null, terminal: Terminal): Promise<ParameterSet> {
  if (existsSync(name)) return readParameters(name, terminal);
  if (name === defaultParameters.parametersVersion) return defaultParameters;
  if (market === null) {
    throw new InputError(`${name} is no file: give a parameter set as JSON, or --table <MarketTable> for a version`, {
      mistakeIn: "request",
    });
  }
  if (proposalId.safeParse(name).success) {
    const proposal = await findProposal(market, name);
    if (proposal === undefined) throw unknownProposal(name, market);
    return getParameters(market, proposal.parametersVersion);
  }
  if (!(await isStoredVersion(market, name))) throw unknownVersion(name, market);
  return getParameters(market, name);
}

export function unknownProposal(id: string, market: Table): InputError {
  return new InputError(`${id} is no proposal in ${market.name}: plimsoll parameters list names them`);
}

function unknownVersion(version: string, market: Table): InputError {
  return new InputError(`${version} is no version in ${market.name}: plimsoll parameters list names them`);
}

/**
 * Puts a proposal into effect as it was proposed. Throws an `InputError` if it is unknown or in effect already, or if
 * other parameters came into effect since.
 */
export async function approve(id: string, by: string, market: Table): Promise<Activation> {
  const approval = await approveProposal(market, id, by, Date.now());
  switch (approval.kind) {
    case "activated":
      return approval.activation;
    case "unknown":
      throw unknownProposal(id, market);
    case "in_effect":
      throw new InputError(`${id} is in effect already`);
    case "same_person":
      throw new InputError(
        `${id} was put by ${approval.proposedBy}, and this stage demands two people: have somebody else approve it`,
      );
    case "superseded":
      throw new InputError(
        `${id} was proposed from ${approval.basedOnVersion}, and other parameters came into effect since: ` +
          "plimsoll parameters propose makes a new one from those",
      );
  }
}

/**
 * Puts a stored version into effect. Throws an `InputError` if there is no such version, if nothing is in effect yet,
 * or if other parameters came into effect at this moment.
 */
export async function activate(version: string, by: string, market: Table): Promise<Activation> {
  const outcome = await activateVersion(market, version, by, Date.now());
  switch (outcome.kind) {
    case "activated":
      return outcome.activation;
    case "unknown":
      throw unknownVersion(version, market);
    case "none_in_effect":
      throw new InputError(
        `${market.name} has no parameters in effect: the stage's first sweep puts the shipped ones there`,
      );
    case "same_person":
      throw new InputError(
        `${version} was never in effect and nobody but ${by} has proposed it, and this stage demands two people: ` +
          "put its file, and have somebody else approve the proposal",
      );
    case "overtaken":
      throw overtaken();
  }
}

function overtaken(): InputError {
  return new InputError(
    "other parameters came into effect in this moment: look at plimsoll parameters list, then repeat",
  );
}

/** What a put has done. `unchanged`: the file changes nothing of the set in effect, so nothing was stored. */
export type Put =
  | Exclude<PutOutcome, { readonly kind: "overtaken" }>
  | { readonly kind: "unchanged"; readonly version: string };

/**
 * Stores a file's set, on top of the one in effect or of the shipped one where none is yet, as a proposal of a person.
 * It takes effect at once where the stage's controls say that one person is enough. Throws an `InputError` for a file or
 * name that cannot be used, or if other parameters came into effect at this moment.
 */
export async function put(file: string, by: string, market: Table, terminal: Pick<Terminal, "err">): Promise<Put> {
  const person = by.trim();
  if (person === "" || person.length > longestPerson || !isOfPerson({ proposedBy: person })) {
    throw new InputError(
      `--by "${by}" names no person: give a name of 1 to ${longestPerson} characters that is not the system's own`,
      { mistakeIn: "request" },
    );
  }
  const nowMs = Date.now();
  const [basedOn = null] = await loadActivations(market);
  const set = basedOn === null ? shippedParameters() : await getParameters(market, basedOn.version);
  const called = basedOn === null ? "the shipped set" : "the set in effect";
  const read = readParameters(file, terminal, { set, called, unnamedRows: "kept" });
  const parameters = read.parametersVersion === defaultParameters.parametersVersion ? shippedParameters() : read;
  if (diffParameters(set, parameters).length === 0) return { kind: "unchanged", version: set.parametersVersion };
  const outcome = await putParameters(market, { parameters, basedOn, by: person }, nowMs);
  if (outcome.kind === "overtaken") throw overtaken();
  return outcome;
}

/** The most characters of a name that a proposal holds. */
const longestPerson = 64;

/** Reads the operators' controls from a JSON file. Throws an `InputError` that names each problem. */
export function readControls(path: string): ParameterControls {
  const value = parseJson(path, readText(path));
  parseFile(parameterControls, path, value);
  return decodeControls(value);
}
