/** The coins for which the parameters of venues' rules are shipped. */
export const majors = ["BTC", "ETH"];
