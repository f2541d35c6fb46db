/** The coins that rules of venues are shipped for. */
export const majors = ["BTC", "ETH"];
