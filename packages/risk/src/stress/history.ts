import type { StressHistory } from "./build-stress-set.ts";

/**
 * Recorded moves, printed by packages/markets/src/stress-history/print-stress-history.ts from hourly candles of Binance
 * (spot, and the mark price of the perpetual) and Kraken (stablecoins), Deribit's DVOL, and Deribit's option chains of
 * 4 and 5 February 2026; a test builds them again. A move is from a close to the lowest price of the named hour that
 * both venues saw, over the same hours for all. Stablecoins that did not break move to the close. DVOL moves are those
 * of the UTC day.
 */
export const stressHistory: StressHistory = {
  events: [
    {
      date: "2020-03-12",
      name: "Black Thursday",
      horizonHours: 24,
      hour: "2020-03-13T02",
      moves: [
        {
          symbol: "BTC",
          priceMove: -0.5027,
          volatilityMove: null,
        },
        {
          symbol: "ETH",
          priceMove: -0.5269,
          volatilityMove: null,
        },
      ],
    },
    {
      date: "2020-03-12",
      name: "Black Thursday",
      horizonHours: 1,
      hour: "2020-03-12T10",
      moves: [
        {
          symbol: "BTC",
          priceMove: -0.2357,
          volatilityMove: null,
        },
        {
          symbol: "ETH",
          priceMove: -0.2558,
          volatilityMove: null,
        },
      ],
    },
    {
      date: "2021-05-19",
      name: "the crash of May 2021",
      horizonHours: 24,
      hour: "2021-05-19T13",
      moves: [
        {
          symbol: "BTC",
          priceMove: -0.3134,
          volatilityMove: null,
        },
        {
          symbol: "ETH",
          priceMove: -0.439,
          volatilityMove: null,
        },
        {
          symbol: "SOL",
          priceMove: -0.457,
          volatilityMove: null,
        },
      ],
    },
    {
      date: "2021-05-19",
      name: "the crash of May 2021",
      horizonHours: 1,
      hour: "2021-05-19T12",
      moves: [
        {
          symbol: "BTC",
          priceMove: -0.1596,
          volatilityMove: null,
        },
        {
          symbol: "ETH",
          priceMove: -0.2678,
          volatilityMove: null,
        },
        {
          symbol: "SOL",
          priceMove: -0.3973,
          volatilityMove: null,
        },
      ],
    },
    {
      date: "2023-03-11",
      name: "the depeg of USDC",
      horizonHours: 19,
      hour: "2023-03-11T07",
      moves: [
        {
          symbol: "BTC",
          priceMove: -0.0056,
          volatilityMove: 0.1037,
        },
        {
          symbol: "ETH",
          priceMove: 0.0129,
          volatilityMove: null,
        },
        {
          symbol: "SOL",
          priceMove: 0,
          volatilityMove: null,
        },
        {
          symbol: "USDC",
          priceMove: -0.1259,
          volatilityMove: null,
        },
        {
          symbol: "USDT",
          priceMove: 0.0028,
          volatilityMove: null,
        },
      ],
    },
    {
      date: "2023-03-11",
      name: "the depeg of USDC",
      horizonHours: 1,
      hour: "2023-03-11T03",
      moves: [
        {
          symbol: "BTC",
          priceMove: -0.0086,
          volatilityMove: null,
        },
        {
          symbol: "ETH",
          priceMove: -0.0077,
          volatilityMove: null,
        },
        {
          symbol: "SOL",
          priceMove: -0.0168,
          volatilityMove: null,
        },
        {
          symbol: "USDC",
          priceMove: -0.1003,
          volatilityMove: null,
        },
        {
          symbol: "USDT",
          priceMove: -0.0045,
          volatilityMove: null,
        },
      ],
    },
    {
      date: "2025-10-10",
      name: "the deleveraging of October 2025",
      horizonHours: 24,
      hour: "2025-10-10T21",
      moves: [
        {
          symbol: "BTC",
          priceMove: -0.1602,
          volatilityMove: 0.1102,
        },
        {
          symbol: "ETH",
          priceMove: -0.2118,
          volatilityMove: null,
        },
        {
          symbol: "SOL",
          priceMove: -0.2337,
          volatilityMove: null,
        },
      ],
    },
    {
      date: "2025-10-10",
      name: "the deleveraging of October 2025",
      horizonHours: 1,
      hour: "2025-10-10T21",
      moves: [
        {
          symbol: "BTC",
          priceMove: -0.1074,
          volatilityMove: null,
        },
        {
          symbol: "ETH",
          priceMove: -0.1127,
          volatilityMove: null,
        },
        {
          symbol: "SOL",
          priceMove: -0.1425,
          volatilityMove: null,
        },
      ],
    },
    {
      date: "2026-02-05",
      name: "the crash of February 2026",
      horizonHours: 24,
      hour: "2026-02-06T00",
      moves: [
        {
          symbol: "BTC",
          priceMove: -0.1766,
          volatilityMove: 0.5491,
        },
        {
          symbol: "ETH",
          priceMove: -0.187,
          volatilityMove: 0.2766,
        },
        {
          symbol: "SOL",
          priceMove: -0.2642,
          volatilityMove: null,
        },
      ],
    },
    {
      date: "2026-02-05",
      name: "the crash of February 2026",
      horizonHours: 1,
      hour: "2026-02-06T00",
      moves: [
        {
          symbol: "BTC",
          priceMove: -0.0463,
          volatilityMove: null,
        },
        {
          symbol: "ETH",
          priceMove: -0.0433,
          volatilityMove: null,
        },
        {
          symbol: "SOL",
          priceMove: -0.1385,
          volatilityMove: null,
        },
      ],
    },
  ],
  alternativeCoinBeta: 1.0111,
  volatilityRise: 0.7554,
};
