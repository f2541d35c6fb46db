import * as z from "zod";

/** Bitcoin began in 2009, and no market that we read is older. */
const earliestTimeMs = Date.UTC(2009, 0, 1);

/** A later time is taken for a typing error or for microseconds. */
const endOfTimesMs = Date.UTC(2100, 0, 1);

const words = "milliseconds since 1970, in the years 2009 to 2099";

/** A time that a market can have, in milliseconds since 1970. Present times in seconds or microseconds are refused. */
export const marketTimeMs = z.number(words).min(earliestTimeMs, words).lt(endOfTimesMs, words);
