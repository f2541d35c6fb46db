/** A table, queue or topic of the graph as it exists on the emulators. */
export interface EmulatedResource {
  readonly kind: "table" | "queue" | "topic";
  readonly logicalName: string;
  readonly name: string;
  readonly arn: string;
  /** Queues only. */
  readonly url: string | null;
  /** Tables with a stream only. */
  readonly streamArn: string | null;
  /** False when it was found in the data directory. */
  readonly created: boolean;
}
