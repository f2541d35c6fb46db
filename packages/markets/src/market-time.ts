import * as z from "zod";

/** No market that we read is older than the first Bitcoin. */
const earliestTimeMs = Date.UTC(2009, 0, 1);

/** Times from here on are typing errors, or microseconds. */
const endOfTimesMs = Date.UTC(2100, 0, 1);

const words = "milliseconds since 1970, in the years 2009 to 2099";

/** A time that a market can have, in milliseconds since 1970: seconds and microseconds of our years are none. */
export const marketTimeMs = z.number(words).min(earliestTimeMs, words).lt(endOfTimesMs, words);
