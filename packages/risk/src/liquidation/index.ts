export * from "./derive-auction.ts";
