import {
  black76Price,
  everlastingOptionPrice,
  exp,
  impliedVolatility,
  inversePnl,
  type OptionSign,
  perpetualOptionValue,
  powerPerpetualValue,
  volatilityMultiplier,
} from "@plimsoll/risk";
import * as z from "zod";
import { notApplicable, readCase, type VectorFamily } from "../case-file.ts";
import { figuresOfItems, hasInputs, hasItems, hasKeys } from "./shapes.ts";

const none = z.object({});

const optionSign = z
  .enum(["call", "put", "c", "p", "C", "P"])
  .transform((type): OptionSign => (type.toLowerCase().startsWith("c") ? 1 : -1));

const forwardOption = z.object({
  F: z.number(),
  K: z.number(),
  t: z.number(),
  r: z.number(),
  sigma: z.number(),
  type: optionSign,
});

/** Prices options on a forward with and without interest, and solves the volatility back from the price. */
export const black76: VectorFamily = {
  family: "black76",
  handles: (caseFile) => hasItems(caseFile, "F", "K", "t", "r", "sigma"),
  evaluate: (caseFile) =>
    figuresOfItems(caseFile, forwardOption, ({ F, K, t, r, sigma, type }) => {
      const discountFactor = exp(-r * t);
      const price = black76Price(type, F, K, t, sigma, discountFactor);
      const solved = impliedVolatility(type, price, F, K, t, discountFactor);
      return {
        price,
        undiscounted: black76Price(type, F, K, t, sigma, 1),
        impliedVol:
          solved.status === "ok" ? solved.volatility : notApplicable(`the price has no volatility: ${solved.status}`),
      };
    }),
};

const spotOption = z.object({
  type: optionSign,
  strike: z.number(),
  spot: z.number(),
  dividendYield: z.number(),
  rate: z.number(),
  t: z.number(),
  vol: z.number(),
});

/** Prices European options on a spot price that pays a yield. Each is priced on its forward. */
export const blackScholes: VectorFamily = {
  family: "black_scholes",
  handles: (caseFile) => hasItems(caseFile, "strike", "spot", "dividendYield", "vol"),
  evaluate: (caseFile) =>
    figuresOfItems(caseFile, spotOption, ({ type, strike, spot, dividendYield, rate, t, vol }) => ({
      price: black76Price(type, spot * exp((rate - dividendYield) * t), strike, t, vol, exp(-rate * t)),
    })),
};

/** Computes the multipliers of a volatility by days to expiry. */
export const volatilityMove: VectorFamily = {
  family: "volatility_move",
  handles: (caseFile) => hasInputs(caseFile, "dte") && hasKeys(caseFile.params, "volRangeUp", "volRangeDown"),
  evaluate: (caseFile) => {
    const read = readCase(
      caseFile,
      z.object({ dte: z.array(z.number()) }),
      z.object({
        volRangeUp: z.number(),
        volRangeDown: z.number(),
        shortPower: z.number(),
        longPower: z.number(),
        floorDays: z.number(),
      }),
    );
    const parameters = {
      volatilityUp: read.params.volRangeUp,
      volatilityDown: read.params.volRangeDown,
      shortTermPower: read.params.shortPower,
      longTermPower: read.params.longPower,
      minimumDaysToExpiry: read.params.floorDays,
      minimumVolatilityUp: 0,
    };
    return {
      up: read.inputs.dte.map((days) => volatilityMultiplier(days, 1, parameters)),
      down: read.inputs.dte.map((days) => volatilityMultiplier(days, -1, parameters)),
    };
  },
};

/** Computes the profit in coin of an inverse contract, and its value in US dollars at the exit price. */
export const inverseProfit: VectorFamily = {
  family: "inverse_profit",
  handles: (caseFile) => hasInputs(caseFile, "contractsUsd", "entry", "exits"),
  evaluate: (caseFile) => {
    const inputs = z.object({ contractsUsd: z.number(), entry: z.number(), exits: z.array(z.number()) });
    const { contractsUsd, entry, exits } = readCase(caseFile, inputs, none).inputs;
    const coin = (sign: number): number[] => exits.map((exit) => inversePnl(sign * contractsUsd, entry, exit));
    return {
      pnlCoinLong: coin(1),
      pnlCoinShort: coin(-1),
      pnlUsdAtExit: coin(1).map((pnl, index) => pnl * (exits[index] ?? Number.NaN)),
    };
  },
};

const perpetualOption = z.object({
  spot: z.number(),
  strike: z.number(),
  type: optionSign,
  rate: z.number(),
  vol: z.number(),
});

/** Values perpetual options with continuous funding. */
export const perpetualOptions: VectorFamily = {
  family: "perpetual_option",
  handles: (caseFile) => hasItems(caseFile, "spot", "strike", "fundingPeriodYears"),
  evaluate: (caseFile) => {
    const item = perpetualOption.extend({ fundingPeriodYears: z.number() });
    return figuresOfItems(caseFile, item, ({ spot, strike, type, rate, vol, fundingPeriodYears }) => ({
      ...perpetualOptionValue({ optionSign: type, strike, fundingPeriodYears }, spot, rate, vol),
    }));
  },
};

/** Prices everlasting options, which pay once per interval. */
export const everlastingOptions: VectorFamily = {
  family: "everlasting_option",
  handles: (caseFile) => hasItems(caseFile, "spot", "strike", "fundingIntervalYears"),
  evaluate: (caseFile) => {
    const item = perpetualOption.extend({ fundingIntervalYears: z.number() });
    return figuresOfItems(caseFile, item, ({ spot, strike, type, rate, vol, fundingIntervalYears }) => ({
      price: everlastingOptionPrice(
        { optionSign: type, strike, fundingPeriodYears: fundingIntervalYears },
        spot,
        rate,
        vol,
      ),
    }));
  },
};

const powerContract = z.object({
  spot: z.number(),
  power: z.number(),
  rate: z.number(),
  vol: z.number(),
  fundingIntervalYears: z.number(),
});

/** Values power perpetuals. */
export const powerPerpetual: VectorFamily = {
  family: "power_perpetual",
  handles: (caseFile) => hasItems(caseFile, "spot", "power", "fundingIntervalYears"),
  evaluate: (caseFile) =>
    figuresOfItems(caseFile, powerContract, ({ spot, power, rate, vol, fundingIntervalYears }) => ({
      ...powerPerpetualValue(spot, power, rate, vol, fundingIntervalYears),
    })),
};
