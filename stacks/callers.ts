import { planStage } from "./stage.ts";

const plan = planStage($app.stage);

/** Who signs the tokens of operators, and for whom they are meant. API Gateway checks both. */
interface OperatorTokens {
  readonly issuer: string;
  readonly audience: string;
}

/** The local stage signs operators' tokens itself, under a name that no provider can have. */
const localOperatorTokens: OperatorTokens = { issuer: "https://operators.plimsoll.invalid", audience: "plimsoll" };

/** The OIDC issuer of operators' tokens and their audience. Null if the stage has none, and so no door for operators. */
export const operatorTokens = plan.kind === "local" ? localOperatorTokens : operatorTokensOf(process.env);

/** The claim of an operator's token that holds the roles. */
export const rolesClaim = (plan.kind === "local" ? undefined : process.env.PLIMSOLL_ROLES_CLAIM) || "plimsoll_roles";

/** Origins of web pages that may call the doors of operators and traders, separated by commas in the environment. */
export const pageOrigins = (process.env.PLIMSOLL_CORS_ORIGINS ?? "")
  .split(",")
  .map((origin) => origin.trim())
  .filter((origin) => origin !== "")
  .map(checkedOrigin);

function operatorTokensOf(environment: Record<string, string | undefined>): OperatorTokens | null {
  const { PLIMSOLL_OPERATOR_ISSUER: issuer, PLIMSOLL_OPERATOR_AUDIENCE: audience } = environment;
  if (!issuer && !audience) return null;
  if (!issuer || !audience) {
    throw new Error(
      `PLIMSOLL_OPERATOR_ISSUER is ${JSON.stringify(issuer ?? "")} and PLIMSOLL_OPERATOR_AUDIENCE is ` +
        `${JSON.stringify(audience ?? "")}: set both for a door for operators, or neither`,
    );
  }
  if (!URL.canParse(issuer) || new URL(issuer).protocol !== "https:") {
    throw new Error(
      `PLIMSOLL_OPERATOR_ISSUER is ${JSON.stringify(issuer)}: give the issuer's address as its tokens name it, ` +
        "for example https://login.example.com",
    );
  }
  return { issuer, audience };
}

function checkedOrigin(origin: string): string {
  if (URL.canParse(origin) && new URL(origin).origin === origin) return origin;
  throw new Error(
    `PLIMSOLL_CORS_ORIGINS has ${JSON.stringify(origin)}: name each origin by scheme and host, ` +
      "for example https://desk.example.com",
  );
}
