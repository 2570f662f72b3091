import { IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME } from '../derived/uids.ts';
import { ascii, ByteReader, joinBytes, protocolError, uint16, uint32 } from './bytes.ts';
import { APPLICATION_CONTEXT } from './uids.ts';

/** A-ASSOCIATE-RQ and -AC (PS3.8, sections 9.3.2 and 9.3.3; user information: annex D and PS3.7 annex D.3). */

export interface ProposedContext {
  /** Odd, 1 to 255. */
  readonly id: number;
  readonly abstractSyntax: string;
  readonly transferSyntaxes: readonly string[];
}

export interface AnsweredContext {
  readonly id: number;
  /** 0 accepted, 1 rejected by the user, 2 no reason, 3 abstract syntax and 4 transfer syntaxes not supported. */
  readonly result: number;
  readonly transferSyntax: string;
}

/** Which side plays which role for a SOP class; absent means the requestor is its user. */
export interface RoleSelection {
  readonly sopClassUid: string;
  readonly scu: boolean;
  readonly scp: boolean;
}

interface Common {
  readonly calledAeTitle: string;
  readonly callingAeTitle: string;
  /** Longest P-DATA-TF that the sender of this takes; 0: no limit. */
  readonly maxPduLength: number;
  readonly roles: readonly RoleSelection[];
}

export interface AssociateRequest extends Common {
  readonly contexts: readonly ProposedContext[];
}

export interface AssociateAccept extends Common {
  readonly contexts: readonly AnsweredContext[];
}

const ITEM = {
  application: 0x10,
  proposed: 0x20,
  answered: 0x21,
  abstractSyntax: 0x30,
  transferSyntax: 0x40,
  user: 0x50,
  maxLength: 0x51,
  implementationClass: 0x52,
  role: 0x54,
  implementationVersion: 0x55,
} as const;

/** Presentation contexts have odd identifiers of one byte. */
export const MAX_CONTEXTS = 128;
const MAX_SYNTAXES = 256;

/** Body of an A-ASSOCIATE-RQ, without its six bytes of header. */
export function encodeAssociateRequest(request: AssociateRequest): Uint8Array {
  const contexts = request.contexts.map(({ id, abstractSyntax, transferSyntaxes }) =>
    item(
      ITEM.proposed,
      Uint8Array.of(id, 0, 0, 0),
      item(ITEM.abstractSyntax, ascii(abstractSyntax)),
      ...transferSyntaxes.map((uid) => item(ITEM.transferSyntax, ascii(uid))),
    ),
  );
  return encodeCommon(request, contexts);
}

/** Body of an A-ASSOCIATE-AC. */
export function encodeAssociateAccept(accept: AssociateAccept): Uint8Array {
  const contexts = accept.contexts.map(({ id, result, transferSyntax }) =>
    item(ITEM.answered, Uint8Array.of(id, 0, result, 0), item(ITEM.transferSyntax, ascii(transferSyntax))),
  );
  return encodeCommon(accept, contexts);
}

function encodeCommon(common: Common, contexts: readonly Uint8Array[]): Uint8Array {
  return joinBytes([
    uint16(1),
    uint16(0),
    aeTitle(common.calledAeTitle),
    aeTitle(common.callingAeTitle),
    new Uint8Array(32),
    item(ITEM.application, ascii(APPLICATION_CONTEXT)),
    ...contexts,
    item(
      ITEM.user,
      item(ITEM.maxLength, uint32(common.maxPduLength)),
      item(ITEM.implementationClass, ascii(IMPLEMENTATION_CLASS_UID)),
      ...common.roles.map(({ sopClassUid, scu, scp }) =>
        item(
          ITEM.role,
          uint16(sopClassUid.length),
          ascii(sopClassUid),
          Uint8Array.of(Number(scu), Number(scp)),
        ),
      ),
      item(ITEM.implementationVersion, ascii(IMPLEMENTATION_VERSION_NAME)),
    ),
  ]);
}

function item(type: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = joinBytes(parts);
  return joinBytes([Uint8Array.of(type, 0), uint16(body.length), body]);
}

function aeTitle(title: string): Uint8Array {
  return ascii(title.padEnd(16).slice(0, 16));
}

/** @throws TandemError `network-failed` where the body is no A-ASSOCIATE-RQ */
export function decodeAssociateRequest(body: Uint8Array): AssociateRequest {
  const { common, contexts } = decode(body, ITEM.proposed);
  return {
    ...common,
    contexts: contexts.map((bytes) => {
      const reader = new ByteReader(bytes);
      const id = reader.uint8();
      if (id % 2 === 0) throw protocolError('a presentation context has an even number');
      reader.skip(3);
      let abstractSyntax = '';
      const transferSyntaxes: string[] = [];
      for (const [type, value] of items(reader)) {
        if (type === ITEM.abstractSyntax) abstractSyntax = uidText(value);
        else if (type === ITEM.transferSyntax) transferSyntaxes.push(uidText(value));
        if (transferSyntaxes.length > MAX_SYNTAXES) throw protocolError('too many transfer syntaxes');
      }
      return { id, abstractSyntax, transferSyntaxes };
    }),
  };
}

/** @throws TandemError `network-failed` where the body is no A-ASSOCIATE-AC */
export function decodeAssociateAccept(body: Uint8Array): AssociateAccept {
  const { common, contexts } = decode(body, ITEM.answered);
  return {
    ...common,
    contexts: contexts.map((bytes) => {
      const reader = new ByteReader(bytes);
      const id = reader.uint8();
      reader.skip(1);
      const result = reader.uint8();
      reader.skip(1);
      let transferSyntax = '';
      for (const [type, value] of items(reader)) {
        if (type === ITEM.transferSyntax) transferSyntax = uidText(value);
      }
      return { id, result, transferSyntax };
    }),
  };
}

function decode(body: Uint8Array, contextType: number): { common: Common; contexts: Uint8Array[] } {
  const reader = new ByteReader(body);
  const version = reader.uint16();
  if ((version & 1) === 0) throw protocolError('its version is not ours');
  reader.skip(2);
  const calledAeTitle = reader.text(16);
  const callingAeTitle = reader.text(16);
  reader.skip(32);
  const contexts: Uint8Array[] = [];
  let user: UserInformation = { maxPduLength: 0, roles: [] };
  for (const [type, value] of items(reader)) {
    if (type === contextType) contexts.push(value);
    else if (type === ITEM.user) user = decodeUserInformation(value);
    if (contexts.length > MAX_CONTEXTS) throw protocolError('too many presentation contexts');
  }
  return { common: { calledAeTitle, callingAeTitle, ...user }, contexts };
}

type UserInformation = Pick<Common, 'maxPduLength' | 'roles'>;

function decodeUserInformation(bytes: Uint8Array): UserInformation {
  let maxPduLength = 0;
  const roles: RoleSelection[] = [];
  for (const [type, value] of items(new ByteReader(bytes))) {
    if (type === ITEM.maxLength) maxPduLength = new ByteReader(value).uint32();
    if (type === ITEM.role && roles.length < 2 * MAX_CONTEXTS) {
      const reader = new ByteReader(value);
      const sopClassUid = uidText(reader.take(reader.uint16()));
      roles.push({ sopClassUid, scu: reader.uint8() === 1, scp: reader.uint8() === 1 });
    }
  }
  return { maxPduLength, roles };
}

function* items(reader: ByteReader): Generator<[number, Uint8Array]> {
  while (reader.left > 0) {
    const type = reader.uint8();
    reader.skip(1);
    yield [type, reader.take(reader.uint16())];
  }
}

function uidText(bytes: Uint8Array): string {
  return new ByteReader(bytes).text(bytes.length);
}
