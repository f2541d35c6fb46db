import { InputError } from "@plimsoll/files";
import { errorText } from "@plimsoll/schema";

const publicApi = "https://www.deribit.com/api/v2/public";
const requestTimeoutMs = 15_000;

/**
 * Asks Deribit for the book summaries of options and futures of each currency, and returns the answers as they came.
 * Sends one request after another, since Deribit's public limit allows only a few requests a second. Needs no key.
 */
export async function fetchDeribit(currencies: readonly string[], baseUrl = publicApi): Promise<unknown[]> {
  const answers: unknown[] = [];
  for (const currency of currencies) {
    for (const kind of ["option", "future"]) {
      answers.push(await get(`${baseUrl}/get_book_summary_by_currency?currency=${currency}&kind=${kind}`));
    }
  }
  return answers;
}

async function get(url: string): Promise<unknown> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(requestTimeoutMs) });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return await response.json();
  } catch (cause) {
    throw new InputError(
      `${url} gave no answer (${errorText(cause)}): check the network, or give a saved answer or a chain file`,
      { cause },
    );
  }
}
