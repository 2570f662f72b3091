import * as z from 'zod';
import { QUERY_KEYWORDS, QUERY_LEVELS } from '../dicom/dimse/queryAttributes.ts';
import { refusedFile } from './schemas.ts';

/** PACS: destinations that the user sets up, and what can be done with one. Nothing else opens a connection. */

/** 1 to 16 characters of ASCII, no backslash, not only blanks (PS3.5, section 6.2, VR AE). */
export const aeTitle = z
  .string()
  .trim()
  .regex(/^[\x20-\x5b\x5d-\x7e]{1,16}$/, 'An AE title has 1 to 16 letters, digits or signs, no backslash');

export const DEFAULT_AE_TITLE = 'TANDEM';
/** What a PACS is called whose AE title nobody told: most do not mind. */
export const ANY_AE_TITLE = 'ANY-SCP';

const portNumber = z.number().int().min(1).max(65_535);
const timeoutSeconds = z.number().min(0.1).max(3600).default(30);

/** Files, never their content: keys and tokens stay where the user keeps them. */
const tlsFiles = z.object({
  /** Certificates of who may be trusted (PEM); the machine's own list where absent. */
  ca: z.string().optional(),
  /** This workstation's certificate and its key (PEM), where the other side asks for one. */
  certificate: z.string().optional(),
  key: z.string().optional(),
  /** The name in the other side's certificate, where it is not the host's. */
  serverName: z.string().optional(),
});
export type TlsFiles = z.infer<typeof tlsFiles>;

const destinationName = z
  .string()
  .trim()
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,39}$/u,
    'A name has 1 to 40 letters, digits, blanks, dots or dashes',
  );

const dimsePeer = z.object({
  kind: z.literal('dimse'),
  host: z.string().trim().min(1, 'The host is missing'),
  port: portNumber,
  /** The name of the PACS. */
  calledAeTitle: aeTitle,
  /** The name of this workstation, as it is entered in the PACS. */
  callingAeTitle: aeTitle.default(DEFAULT_AE_TITLE),
  tls: tlsFiles.optional(),
  timeoutSeconds,
});
export type DimsePeer = z.output<typeof dimsePeer>;

const webPeer = z.object({
  kind: z.literal('dicomweb'),
  /** The root of the service: `studies` comes right after it. */
  url: z.url({ protocol: /^https?$/, error: 'The address begins with http:// or https://' }),
  tls: tlsFiles.optional(),
  /** A file that holds a bearer token. */
  tokenFile: z.string().optional(),
  user: z.string().optional(),
  /** A file that holds the user's password. */
  passwordFile: z.string().optional(),
  timeoutSeconds,
});
export type WebPeer = z.output<typeof webPeer>;

export const peer = z.discriminatedUnion('kind', [dimsePeer, webPeer]);
export type Peer = z.output<typeof peer>;

export const destination = z.discriminatedUnion('kind', [
  dimsePeer.extend({ name: destinationName }),
  webPeer.extend({ name: destinationName }),
]);
export type Destination = z.output<typeof destination>;

/** A destination by its name, or one that is not set up (yet). */
export type PeerChoice = string | Peer;
const peerChoice = z.unknown().transform((value, context): PeerChoice => {
  // A union would say of either kind only that it is invalid; the one that is meant can say why.
  const parsed = typeof value === 'string' ? z.string().min(1).safeParse(value) : peer.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const { message, path } of parsed.error.issues) context.addIssue({ code: 'custom', message, path });
  return z.NEVER;
}) as unknown as z.ZodType<PeerChoice, string | z.input<typeof peer>>;

const uid = z
  .string()
  .regex(/^\d+(\.\d+)*$/, 'A UID has digits and dots only')
  .max(64);
const keyword = z.enum(QUERY_KEYWORDS as [string, ...string[]]);

/** Instances that did not get through, and why. */
const notDone = z.object({
  /** The file, where it is one. */
  path: z.string().optional(),
  sopInstanceUid: z.string().optional(),
  code: z.string(),
  message: z.string(),
});
export type NotDone = z.infer<typeof notDone>;

export const pacsDestinations = {
  request: z.object({}),
  result: z.object({
    destinations: z.array(destination),
    file: z.string(),
    /** The folder that received studies go below where no other is named. */
    receivedFolder: z.string(),
  }),
};

export const pacsSaveDestination = {
  request: z.object({
    destination,
    /** The name of the one that it takes the place of; without it a name in use is refused. */
    replaces: z.string().optional(),
  }),
  result: z.object({
    destinations: z.array(destination),
    file: z.string(),
    /** Files with secrets that others may read, a sentence each. */
    warnings: z.array(z.string()),
  }),
};

export const pacsRemoveDestination = {
  request: z.object({ name: z.string() }),
  result: z.object({ destinations: z.array(destination), file: z.string() }),
};

export const pacsEcho = {
  request: z.object({ peer: peerChoice }),
  result: z.object({
    /** In words, who answered. */
    answeredBy: z.string(),
    milliseconds: z.number(),
    /** Files with secrets that others may read, a sentence each. */
    warnings: z.array(z.string()),
  }),
};

export const pacsFind = {
  request: z.object({
    peer: peerChoice,
    level: z.enum(QUERY_LEVELS).default('study'),
    /** Attributes to match by keyword; `*` and `?` stand for any letters, `20260101-20260131` for a range of dates. */
    keys: z.partialRecord(keyword, z.string()).default({}),
    /** The search ends with so many. */
    limit: z.number().int().min(1).max(100_000).default(1000),
  }),
  result: z.object({
    matches: z.array(z.partialRecord(keyword, z.string())),
    /** There may be more than were asked for. */
    limited: z.boolean(),
    seconds: z.number(),
  }),
};

export const pacsGet = {
  request: z.object({
    peer: peerChoice,
    studyUid: uid,
    seriesUid: uid.optional(),
    instanceUid: uid.optional(),
    /**
     * Folder to write to; what is there already is not fetched again. Without one, a folder of the study's own
     * below the received ones.
     */
    out: z.string().optional(),
    /** DIMSE only. `move`: the PACS opens an association of its own to `movePort` here. */
    method: z.enum(['get', 'move']).default('get'),
    movePort: portNumber.default(11_112),
    /** Address that `movePort` is opened on; every one of this machine's where absent. */
    moveHost: z.string().optional(),
    /**
     * AE titles that may send on `movePort`, from wherever they are. Where empty, only the PACS that was asked:
     * its AE title, from its address.
     */
    moveFrom: z.array(aeTitle).default([]),
    retries: z.number().int().min(0).max(20).default(3),
  }),
  result: z.object({
    folder: z.string(),
    /** Fetched now. */
    received: z.number().int(),
    /** There before. */
    present: z.number().int(),
    failed: z.array(notDone),
    attempts: z.number().int(),
    bytes: z.number(),
    seconds: z.number(),
  }),
};

export const pacsMove = {
  request: z.object({
    peer: peerChoice,
    studyUid: uid,
    seriesUid: uid.optional(),
    instanceUid: uid.optional(),
    /** The AE title that the PACS is to send to. */
    to: aeTitle,
  }),
  result: z.object({
    completed: z.number().int(),
    failed: z.number().int(),
    warnings: z.number().int(),
    seconds: z.number(),
  }),
};

export const pacsStore = {
  request: z.object({
    peer: peerChoice,
    /** Files and folders. */
    paths: z.array(z.string()).min(1),
    retries: z.number().int().min(0).max(20).default(3),
  }),
  result: z.object({
    destination: z.string(),
    /** Sent now and confirmed. */
    stored: z.number().int(),
    /** Confirmed by an earlier attempt that was cut short, and found there. */
    alreadyThere: z.number().int(),
    /** Confirmed, with a remark. */
    warnings: z.array(notDone),
    failed: z.array(notDone),
    /** Files that are no DICOM instances. */
    refused: z.array(refusedFile),
    /** Associations or series of requests it took. */
    attempts: z.number().int(),
    bytes: z.number(),
    seconds: z.number(),
  }),
};

export const pacsReceive = {
  request: z.object({
    /** Folder to write to; the one for received objects where absent. */
    out: z.string().optional(),
    port: z.number().int().min(0).max(65_535).default(11_112),
    /** Address to listen on; every one of this machine's where absent. */
    host: z.string().optional(),
    aeTitle: aeTitle.default(DEFAULT_AE_TITLE),
    /** AE titles that may send; any where empty. */
    allow: z.array(aeTitle).default([]),
    /** Certificate, key and, for clients that must show one, their CA. */
    tls: tlsFiles.optional(),
    timeoutSeconds,
    /** Ends after so many instances; else when it is cancelled. */
    instances: z.number().int().min(1).optional(),
  }),
  result: z.object({
    folder: z.string(),
    port: z.number().int(),
    received: z.number().int(),
    /** Came again and were there. */
    repeated: z.number().int(),
    failed: z.array(notDone),
    associations: z.number().int(),
    /** Associations that were turned away. */
    rejected: z.number().int(),
    bytes: z.number(),
    seconds: z.number(),
  }),
};
