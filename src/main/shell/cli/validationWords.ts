import type { ValidationReport } from '../../../core/contract/validating.ts';
import { counted } from './words.ts';

/** Errors of either check that the source does not have itself. */
export function hasErrors({ errors, dciodvfy }: ValidationReport): boolean {
  return errors > 0 || errorsOf(dciodvfy) > 0;
}

/** Every finding of our own check and every error of dciodvfy, errors first, each with its file. */
export function describeFindings({ findings, dciodvfy }: ValidationReport): string[] {
  const bySeverity = [...findings].sort((a, b) => a.severity.localeCompare(b.severity));
  return [
    ...bySeverity.map(
      (one) =>
        `${one.severity.padEnd(7)}  ${one.code}: ${one.message}${one.tag === '' ? '' : ` ${one.tag}`}${whose(one)}\n` +
        `           ${where(one)}`,
    ),
    ...(dciodvfy?.errors ?? []).map(
      (one) => `dciodvfy  ${one.message}${whose(one)}\n           ${where(one)}`,
    ),
  ];
}

/** What both checks come to. */
export function describeVerdict({ files, series, errors, warnings, dciodvfy }: ValidationReport): string[] {
  return [
    `${counted(files, 'file')} in ${series} series: ${counted(errors, 'error')}, ${counted(warnings, 'warning')}`,
    dciodvfy === null
      ? 'dciodvfy is not installed: it was not asked'
      : `dciodvfy: ${counted(errorsOf(dciodvfy), 'error')} in ${counted(dciodvfy.files, 'file')}` +
        (dciodvfy.unanswered === 0 ? '' : `, no answer about ${dciodvfy.unanswered}`),
  ];
}

/** The check of what a command has written: the verdict, and what is wrong where anything is. */
export function describeChecked(report: ValidationReport | null): string[] {
  if (report === null) return [];
  const findings = hasErrors(report) ? describeFindings(report) : [];
  return [...findings, ...describeVerdict(report).map((line) => `checked  ${line}`)];
}

function errorsOf(dciodvfy: ValidationReport['dciodvfy']): number {
  return (dciodvfy?.errors ?? []).filter(({ ofSource }) => !ofSource).length;
}

function where(one: { readonly file: string; readonly files: number }): string {
  return `${one.file}${one.files > 1 ? ` and ${one.files - 1} more` : ''}`;
}

function whose({ ofSource }: { readonly ofSource: boolean }): string {
  return ofSource ? ' [the source has it too]' : '';
}
