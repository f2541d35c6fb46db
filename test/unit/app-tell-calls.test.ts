import { changeSeverity, noCall } from "@plimsoll/calls";
import { callEvent, toWire } from "@plimsoll/schema";
import { describe, expect, it } from "vitest";
import { messageOf } from "../../packages/app/src/calls/tell-calls.ts";
import { callContext } from "../support/calls.ts";

describe("a call as SNS is given it", () => {
  // Seen to fail without the attribute: a subscription that filters on it would take a preview's calls for real ones.
  it.each(["live", "preview:pr-7", "local"])(
    "says its stage in text, title and attributes: %s (I10)",
    (environment) => {
      const changed = changeSeverity(noCall, "MARGIN_CALL", callContext("MARGIN_CALL", { environment }));
      const event = callEvent.parse(toWire(changed?.event));
      const { entry } = messageOf(event);
      expect(entry.MessageAttributes).toEqual({
        severity: { DataType: "String", StringValue: "MARGIN_CALL" },
        environment: { DataType: "String", StringValue: environment },
        account_id: { DataType: "String", StringValue: "8841" },
      });
      expect(callEvent.parse(JSON.parse(entry.Message)).environment).toBe(environment);
      const prefix = environment === "live" ? "Margin call" : `[${environment}] Margin call`;
      expect(entry.Subject.slice(0, prefix.length)).toBe(prefix);
    },
  );
});
