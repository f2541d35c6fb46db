/** The lengths of time by their unit. No other file writes such a number. */
export const SECONDS_PER_HOUR = 3_600;

export const SECONDS_PER_DAY = 24 * SECONDS_PER_HOUR;

export const MS_PER_MINUTE = 60_000;

export const MS_PER_HOUR = 60 * MS_PER_MINUTE;

export const MS_PER_DAY = 24 * MS_PER_HOUR;

/** The days of a year, which are 365 throughout, for volatilities and for rates. */
export const DAYS_PER_YEAR = 365;

export const MS_PER_YEAR = DAYS_PER_YEAR * MS_PER_DAY;
