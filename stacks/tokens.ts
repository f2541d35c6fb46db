import { defineFunction } from "./functions.ts";
import { stageSettings } from "./settings.ts";
import { planStage } from "./stage.ts";

const plan = planStage($app.stage);

/**
 * The keys of traders' tokens. The first signs, and all of them verify. To replace a key, deploy three times: first with
 * a new name at the end, so that every authorizer knows it; then with that name at the front; and, an hour after that,
 * without the old name. A token lives for an hour at most, so none is refused before its time. Where a key must not be
 * trusted any longer, put a new name in the place of the old one and deploy once: this ends all tokens of the old key.
 */
const keyNames = ["TokenKey1"] as const;

const keys = keyNames.map(
  (name) =>
    new aws.kms.Key(name, {
      description: `${$app.name} ${$app.stage}: signs tokens of traders`,
      keyUsage: "SIGN_VERIFY",
      customerMasterKeySpec: "RSA_2048",
      deletionWindowInDays: plan.keyDeletionDays,
    }),
);
const [signingKey] = keys as [aws.kms.Key];

const signingKeyLink = new sst.Linkable("TokenSigningKey", { properties: { keyId: signingKey.keyId } });
const keysLink = new sst.Linkable("TokenKeys", { properties: { keyIds: keys.map((key) => key.keyId) } });

export const issueTokens = defineFunction("IssueTokens", {
  handler: "functions/issue-tokens.handler",
  timeoutSeconds: 10,
  memoryMb: 512,
  link: [signingKeyLink, stageSettings],
  permissions: [{ actions: ["kms:Sign"], resources: [signingKey.arn] }],
  trigger: "request",
});

export const authorizeTraders = defineFunction("AuthorizeTraders", {
  handler: "functions/authorize-traders.handler",
  // API Gateway waits ten seconds for an authorizer.
  timeoutSeconds: 8,
  memoryMb: 512,
  link: [keysLink, stageSettings],
  permissions: [{ actions: ["kms:GetPublicKey"], resources: keys.map((key) => key.arn) }],
  trigger: "request",
});
