import { takeAccount, takeEvents } from "@plimsoll/api";
import { apiHandler, getLink, onceBy, sendMessages } from "@plimsoll/runtime";

/** Takes accounts and their events from the exchange, and hands them to the queue of account events. */
export const handler = apiHandler([takeAccount, takeEvents], ({ context }) => ({
  once: onceBy(context),
  sendEvents: (groupId, events) => sendMessages(getLink("AccountEventsQueue").url, events, { groupId }),
}));
