export const MS_PER_HOUR = 3_600_000;

export const MS_PER_DAY = 24 * MS_PER_HOUR;

/** Years are of 365 days throughout, those of volatilities as those of rates. */
export const DAYS_PER_YEAR = 365;

export const MS_PER_YEAR = DAYS_PER_YEAR * MS_PER_DAY;
