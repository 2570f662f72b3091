import type { WebPeer } from '../../../core/contract/pacs.ts';
import {
  matchesUids,
  QUERY_ATTRIBUTES,
  type QueryKeyword,
  type QueryLevel,
  type QueryValues,
  returnedKeywords,
} from '../../../core/dicom/dimse/queryAttributes.ts';
import { jsonTag, parseJsonDataSets, queryValuesOf } from '../../../core/dicom/web/dicomJson.ts';
import { TandemError } from '../../../core/errors.ts';
import { documentText, webRequest } from './client.ts';

/** QIDO-RS (PS3.18, section 10.6). */

const PAGE = 500;
const MAX_PAGES = 10_000;

/**
 * Searches for studies, series or instances; patients are found by their studies.
 * @throws TandemError `network-failed`, `refused-by-peer`, `cancelled`
 */
export async function searchWeb(
  peer: WebPeer,
  level: QueryLevel,
  keys: QueryValues,
  limit: number,
  signal: AbortSignal,
  onMatch: (count: number) => void = () => {},
): Promise<{ matches: QueryValues[]; limited: boolean }> {
  const identity = identityOf(level);
  const matches = new Map<string, QueryValues>();
  let offset = 0;
  for (let page = 0; page < MAX_PAGES; page++) {
    const wanted = Math.min(PAGE, limit - matches.size + 1);
    const found = await onePage(peer, level, keys, { limit: wanted, offset }, signal);
    const before = matches.size;
    for (const one of found.filter((values) => matchesUids(values, keys))) {
      const key = one[identity] ?? `${matches.size}`;
      if (matches.has(key)) continue;
      if (matches.size === limit) return { matches: [...matches.values()], limited: true };
      matches.set(key, level === 'patient' ? patientOf(one) : one);
    }
    onMatch(matches.size);
    offset += found.length;
    // A server that knows no offset answers with the same page again.
    if (found.length === 0 || (level !== 'patient' && matches.size === before)) break;
    if (found.length > wanted) break;
  }
  return { matches: [...matches.values()], limited: false };
}

/** All instances of a series. */
export async function webInstances(
  peer: WebPeer,
  studyUid: string,
  seriesUid: string,
  signal: AbortSignal,
): Promise<QueryValues[]> {
  const keys = { StudyInstanceUID: studyUid, SeriesInstanceUID: seriesUid };
  return (await searchWeb(peer, 'image', keys, Number.MAX_SAFE_INTEGER, signal)).matches;
}

async function onePage(
  peer: WebPeer,
  level: QueryLevel,
  keys: QueryValues,
  page: { limit: number; offset: number },
  signal: AbortSignal,
): Promise<QueryValues[]> {
  const { path, inPath } = resource(level, keys);
  const query = new URLSearchParams();
  for (const [keyword, value] of Object.entries(keys)) {
    if (value !== '' && !inPath.has(keyword)) {
      // Several UIDs are a list with commas here.
      const isUid = QUERY_ATTRIBUTES[keyword as QueryKeyword].vr === 'UI';
      query.set(keyword, isUid ? value.replaceAll('\\', ',') : value);
    }
  }
  for (const keyword of returnedKeywords(level)) {
    query.append('includefield', jsonTag(QUERY_ATTRIBUTES[keyword].tag));
  }
  query.set('limit', String(page.limit));
  if (page.offset > 0) query.set('offset', String(page.offset));
  const response = await webRequest(
    peer,
    { method: 'GET', path: `${path}?${query}`, accept: 'application/dicom+json' },
    signal,
  );
  if (response.status === 204) return [];
  return parseJsonDataSets(await documentText(response)).map(queryValuesOf);
}

function resource(level: QueryLevel, keys: QueryValues): { path: string; inPath: Set<string> } {
  const one = (keyword: 'StudyInstanceUID' | 'SeriesInstanceUID'): string | undefined => {
    const value = keys[keyword];
    return value && !/[\\*?]/.test(value) ? value : undefined;
  };
  const [study, series] = [one('StudyInstanceUID'), one('SeriesInstanceUID')];
  if (level === 'patient' || level === 'study') return { path: 'studies', inPath: new Set() };
  if (study === undefined) return { path: level === 'series' ? 'series' : 'instances', inPath: new Set() };
  const ofStudy = `studies/${study}`;
  if (level === 'series') return { path: `${ofStudy}/series`, inPath: new Set(['StudyInstanceUID']) };
  if (series === undefined) return { path: `${ofStudy}/instances`, inPath: new Set(['StudyInstanceUID']) };
  return {
    path: `${ofStudy}/series/${series}/instances`,
    inPath: new Set(['StudyInstanceUID', 'SeriesInstanceUID']),
  };
}

function identityOf(level: QueryLevel): QueryKeyword {
  const identities = {
    patient: 'PatientID',
    study: 'StudyInstanceUID',
    series: 'SeriesInstanceUID',
    image: 'SOPInstanceUID',
  } as const;
  return identities[level];
}

function patientOf(study: QueryValues): QueryValues {
  const { PatientName, PatientID, PatientBirthDate, PatientSex } = study;
  return { PatientName, PatientID, PatientBirthDate, PatientSex };
}

/** Asks for one study, whichever: what a C-ECHO is to DIMSE. @throws TandemError as `searchWeb` */
export async function echoWeb(peer: WebPeer, signal: AbortSignal): Promise<void> {
  const request = { method: 'GET', path: 'studies?limit=1', accept: 'application/dicom+json' } as const;
  const response = await webRequest(peer, request, signal);
  if (response.status === 204) return;
  const text = await documentText(response);
  if (!text.trimStart().startsWith('[')) {
    throw new TandemError('network-failed', 'What answers there is no DICOMweb service', {
      hint: 'Check the address: it is the root of the service, such as https://host/dicom-web.',
    });
  }
}
