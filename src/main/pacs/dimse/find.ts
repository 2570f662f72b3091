import type { DimsePeer } from '../../../core/contract/pacs.ts';
import { FIELD } from '../../../core/dicom/dimse/command.ts';
import { decodeIdentifier, encodeIdentifier } from '../../../core/dicom/dimse/query.ts';
import {
  type QueryLevel,
  type QueryValues,
  returnedKeywords,
} from '../../../core/dicom/dimse/queryAttributes.ts';
import { describeStatus, statusKind } from '../../../core/dicom/dimse/status.ts';
import { QUERY_SYNTAXES } from '../../../core/dicom/dimse/syntaxes.ts';
import { PATIENT_ROOT_FIND, STUDY_ROOT_FIND } from '../../../core/dicom/dimse/uids.ts';
import { TandemError } from '../../../core/errors.ts';
import { type Association, bytesOf, collect } from './association.ts';
import { messageIds, receiveResponse } from './exchange.ts';
import { type AcceptedContext, requestAssociation } from './request.ts';

const MAX_IDENTIFIER_BYTES = 1 << 20;

export interface Found {
  readonly matches: readonly QueryValues[];
  /** Ended at the limit: there may be more. */
  readonly limited: boolean;
}

/** An association for queries, of which several can be put one after the other. */
export class FindAssociation {
  readonly #association: Association;
  readonly #context: AcceptedContext;
  readonly #nextId = messageIds();

  private constructor(association: Association, context: AcceptedContext) {
    this.#association = association;
    this.#context = context;
  }

  /**
   * By the Patient Root model for patients, the Study Root model for all else (PS3.4, annex C.6).
   * @throws TandemError `refused-by-peer` where the peer answers no queries
   */
  static async open(peer: DimsePeer, level: QueryLevel, signal: AbortSignal): Promise<FindAssociation> {
    const model = level === 'patient' ? PATIENT_ROOT_FIND : STUDY_ROOT_FIND;
    const proposal = { abstractSyntax: model, transferSyntaxes: QUERY_SYNTAXES };
    const { association, contexts } = await requestAssociation(peer, [proposal], signal);
    const [context] = contexts;
    if (context === undefined) {
      await association.release();
      throw new TandemError('refused-by-peer', `${association.peer} answers no queries (C-FIND)`, {
        hint: 'Have queries allowed for this workstation’s AE title.',
      });
    }
    return new FindAssociation(association, context);
  }

  /** @throws TandemError `network-failed`, `refused-by-peer`, `cancelled` */
  async find(
    level: QueryLevel,
    keys: QueryValues,
    limit = Number.POSITIVE_INFINITY,
    onMatch: (count: number) => void = () => {},
  ): Promise<Found> {
    const { id: contextId, transferSyntax, abstractSyntax } = this.#context;
    const identifier = encodeIdentifier(level, keys, returnedKeywords(level), transferSyntax);
    const messageId = this.#nextId();
    await this.#association.send(
      contextId,
      {
        field: FIELD.findRequest,
        affectedSopClassUid: abstractSyntax,
        messageId,
        priority: 0,
        hasDataSet: true,
      },
      bytesOf(identifier),
    );
    const matches: QueryValues[] = [];
    let limited = false;
    for (;;) {
      const { command, dataSet } = await receiveResponse(this.#association, messageId);
      const bytes = dataSet === undefined ? undefined : await collect(dataSet, MAX_IDENTIFIER_BYTES);
      const kind = statusKind(command.status ?? 0xc000);
      if (kind === 'pending') {
        if (matches.length < limit) {
          if (bytes !== undefined) matches.push(decodeIdentifier(bytes, transferSyntax));
          onMatch(matches.length);
        } else if (!limited) {
          limited = true;
          await this.#association.send(contextId, {
            field: FIELD.cancelRequest,
            messageIdRespondedTo: messageId,
            hasDataSet: false,
          });
        }
        continue;
      }
      if (kind === 'success' || kind === 'warning' || (kind === 'cancelled' && limited))
        return { matches, limited };
      throw new TandemError(
        'refused-by-peer',
        `${this.#association.peer} refuses the query: ${describeStatus(command)}`,
      );
    }
  }

  release(): Promise<void> {
    return this.#association.release();
  }

  abort(): void {
    this.#association.abort();
  }
}

/** Opens an association for queries, uses it and ends it. */
export async function withFind<T>(
  peer: DimsePeer,
  level: QueryLevel,
  signal: AbortSignal,
  use: (association: FindAssociation) => Promise<T>,
): Promise<T> {
  const association = await FindAssociation.open(peer, level, signal);
  try {
    const result = await use(association);
    await association.release();
    return result;
  } finally {
    association.abort();
  }
}
