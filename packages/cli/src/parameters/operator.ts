import { existsSync } from "node:fs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { parseFile, parseJson, readText } from "@plimsoll/files";
import { defaultParameters, type ParameterSet } from "@plimsoll/risk";
import { decodeControls, errorText, type ParameterControls, parameterControls, proposalId } from "@plimsoll/schema";
import {
  type Activation,
  activateParameters,
  findProposal,
  getParameters,
  loadActivations,
  loadParameterVersions,
  type Table,
} from "@plimsoll/store";
import { CommandError, exitCodes } from "../errors.ts";
import type { Terminal } from "../output/terminal.ts";
import { statusOf } from "./parameters-text.ts";
import { readParameters } from "./read-parameters.ts";

/** Tables of a stage, as stacks/storage.ts names them. */
const tableKinds = ["Ledger", "Market", "Margin", "Notify"] as const;

/**
 * A table of a stage by its name, with the credentials and region of the environment; a `CommandError` where the name says that it is
 * another table of the stage, which would hold nothing of what is asked for and look like an all-clear.
 */
export function openTable(name: string, kind: (typeof tableKinds)[number], option = "--table"): Table {
  const named = tableKinds.filter((other) => new RegExp(`(^|-)${other}(Table)?(-|$)`).test(name));
  if (named.length > 0 && !named.includes(kind)) {
    throw new CommandError(
      `${option} is ${name}, a stage's ${named.join(" or ")} table: give the name of its ${kind} table`,
      { exitCode: exitCodes.usage },
    );
  }
  return { client: explainingClient(name, option), name, meter: { readUnits: 0, writeUnits: 0 } };
}

/** A client whose faults name the table, its region and what to check, but for conditions, which the store answers itself. */
function explainingClient(name: string, option: string): DynamoDBClient {
  const client = new DynamoDBClient({});
  client.middlewareStack.add(
    (next) => async (request) => {
      try {
        return await next(request);
      } catch (cause) {
        if (!(cause instanceof Error) || /^(ConditionalCheck|Transaction)/.test(cause.name)) throw cause;
        const region = await client.config.region().catch(() => null);
        throw new CommandError(`${option} ${name}, ${serviceWords(cause, region)}`, { cause });
      }
    },
    { step: "initialize", priority: "high", name: "explainFaults" },
  );
  return client;
}

/** Names of faults that come of credentials which are missing, too old or not those of any user. */
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

/** The activation in effect; a `CommandError` where nothing ever was. */
async function newestActivation(market: Table): Promise<Activation> {
  const [newest] = await loadActivations(market);
  if (newest !== undefined) return newest;
  throw new CommandError(
    `${market.name} has no parameters in effect: the stage's first sweep puts the shipped ones there`,
  );
}

/** A parameter set by its file, the shipped one by its version, or any by its version in the table; of a proposal, the set that it proposes. */
export async function findSet(name: string, market: Table | null, terminal: Terminal): Promise<ParameterSet> {
  if (existsSync(name)) return readParameters(name, terminal);
  if (name === defaultParameters.parametersVersion) return defaultParameters;
  if (market === null) {
    throw new CommandError(`${name} is no file: give a parameter set as JSON, or --table <MarketTable> for a version`, {
      exitCode: exitCodes.usage,
    });
  }
  if (proposalId.safeParse(name).success)
    return getParameters(market, (await getProposal(name, market)).parametersVersion);
  await checkVersion(name, market);
  return getParameters(market, name);
}

/** A kept proposal; a `CommandError` where there is none of the id. */
export async function getProposal(id: string, market: Table) {
  const proposal = await findProposal(market, id);
  if (proposal !== undefined) return proposal;
  throw new CommandError(`${id} is no proposal in ${market.name}: plimsoll parameters list names them`);
}

async function checkVersion(version: string, market: Table): Promise<void> {
  if ((await loadParameterVersions(market)).includes(version)) return;
  throw new CommandError(`${version} is no version in ${market.name}: plimsoll parameters list names them`);
}

/** Puts a proposal into effect as it was proposed; a `CommandError` when it is in effect, or other parameters are since. */
export async function approveProposal(id: string, by: string, atMs: number, market: Table): Promise<Activation> {
  const proposal = await getProposal(id, market);
  const status = statusOf(proposal, await loadActivations(market));
  if (status === "activated") throw new CommandError(`${id} is in effect already`);
  const activation: Activation = {
    sequence: proposal.basedOnSequence + 1,
    version: proposal.parametersVersion,
    effectiveFromMs: atMs,
    activatedBy: by,
    proposalId: id,
  };
  if (status !== "superseded" && (await activateParameters(market, activation))) return activation;
  throw new CommandError(
    `${id} was proposed from ${proposal.basedOnVersion}, and other parameters came into effect since: ` +
      "plimsoll parameters propose makes a new one from those",
  );
}

/** Puts a stored version into effect again, or for the first time; the way back to an old set. */
export async function activateVersion(version: string, by: string, atMs: number, market: Table): Promise<Activation> {
  await checkVersion(version, market);
  const { sequence } = await newestActivation(market);
  const activation = { sequence: sequence + 1, version, effectiveFromMs: atMs, activatedBy: by, proposalId: null };
  if (await activateParameters(market, activation)) return activation;
  throw new CommandError(
    "other parameters came into effect in this moment: look at plimsoll parameters list, then repeat",
  );
}

/** Operators' controls from a JSON file; a `CommandError` that names each problem. */
export function readControls(path: string): ParameterControls {
  const value = parseJson(path, readText(path));
  parseFile(parameterControls, path, value);
  return decodeControls(value);
}
