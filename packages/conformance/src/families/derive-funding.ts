import { hourlyFundingRate, impactPremium } from "@plimsoll/risk";
import * as z from "zod";
import { readCase, type VectorFamily } from "../case-file.ts";
import { hasCaseKeys } from "./shapes.ts";

const inputs = z.object({
  cases: z.array(z.object({ index: z.number(), impactBid: z.number(), impactAsk: z.number() })),
});

const params = z
  .object({ convergencePeriodHours: z.number(), staticHourlyRate: z.number(), hourlyCap: z.number() })
  .transform(({ convergencePeriodHours, ...rates }) => ({ convergenceHours: convergencePeriodHours, ...rates }));

/** Computes the hourly funding rates of a perpetual from its impact prices. */
export const deriveFunding: VectorFamily = {
  family: "derive_funding",
  handles: (caseFile) => hasCaseKeys(caseFile, "index", "impactBid", "impactAsk"),
  evaluate: (caseFile) => {
    const read = readCase(caseFile, inputs, params);
    return {
      hourlyRate: read.inputs.cases.map(({ index, impactBid, impactAsk }) =>
        hourlyFundingRate(impactPremium(index, impactBid, impactAsk), read.params),
      ),
    };
  },
};
