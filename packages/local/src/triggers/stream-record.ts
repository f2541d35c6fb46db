import type { _Record, AttributeValue } from "@aws-sdk/client-dynamodb-streams";
import { canonicalJson } from "@plimsoll/risk";

/** A change of an item in the form in which Lambda passes it to a function. */
export interface StreamRecord {
  readonly eventID: string;
  readonly eventName: string;
  readonly eventVersion: string;
  readonly eventSource: "aws:dynamodb";
  readonly eventSourceARN: string;
  readonly awsRegion: string;
  readonly userIdentity?: { readonly type: string; readonly principalId: string };
  readonly dynamodb: {
    /** In seconds since 1970. */
    readonly ApproximateCreationDateTime: number;
    readonly Keys: object;
    readonly NewImage?: object;
    readonly OldImage?: object;
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: string;
  };
}

/** Converts a record of a stream to Lambda's form, with times in seconds and binary values in base64. */
export function toStreamRecord(record: _Record, streamArn: string, region: string): StreamRecord {
  const change = record.dynamodb ?? {};
  const { userIdentity } = record;
  return {
    eventID: record.eventID ?? "",
    eventName: record.eventName ?? "",
    eventVersion: record.eventVersion ?? "1.1",
    eventSource: "aws:dynamodb",
    eventSourceARN: streamArn,
    awsRegion: region,
    ...(userIdentity === undefined
      ? {}
      : { userIdentity: { type: userIdentity.Type ?? "", principalId: userIdentity.PrincipalId ?? "" } }),
    dynamodb: {
      ApproximateCreationDateTime: Math.floor((change.ApproximateCreationDateTime?.getTime() ?? 0) / 1_000),
      Keys: withBase64(change.Keys),
      ...(change.NewImage === undefined ? {} : { NewImage: withBase64(change.NewImage) }),
      ...(change.OldImage === undefined ? {} : { OldImage: withBase64(change.OldImage) }),
      SequenceNumber: change.SequenceNumber ?? "",
      SizeBytes: change.SizeBytes ?? 0,
      StreamViewType: change.StreamViewType ?? "",
    },
  };
}

/** Returns the item's whole key as a text. Lambda keeps the order of records with the same key only. */
export function itemKey(record: StreamRecord): string {
  return canonicalJson(record.dynamodb.Keys);
}

function withBase64(image: Record<string, AttributeValue> | undefined): object {
  return Object.fromEntries(Object.entries(image ?? {}).map(([name, value]) => [name, encode(value)]));
}

function encode(value: AttributeValue): object {
  if (value.B !== undefined) return { B: base64(value.B) };
  if (value.BS !== undefined) return { BS: value.BS.map(base64) };
  if (value.L !== undefined) return { L: value.L.map(encode) };
  if (value.M !== undefined) return { M: withBase64(value.M) };
  return value;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
