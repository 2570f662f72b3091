import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import type { ReportedFinding, ValidationReport } from '../../../core/contract/validating.ts';
import { useApp } from '../../state/store.ts';
import { text } from '../../text.ts';

const SHOWN = 6;

/** Errors of either check that are the export's own and not its source's. */
export function errorsOf(report: ValidationReport | null | undefined): number {
  const judged = report?.dciodvfy?.errors.filter(({ ofSource }) => !ofSource).length ?? 0;
  return (report?.errors ?? 0) + judged;
}

/** What the check of an export found, in words, before it is sent anywhere. */
export function Checked(): ReactNode {
  const report = useApp((state) => state.exported?.validation);
  return report === null || report === undefined ? null : <Findings report={report} />;
}

/** What a check found, in words. */
export function Findings(props: {
  readonly report: ValidationReport;
  /** What was checked, where the findings of several stand below each other. */
  readonly of?: string;
}): ReactNode {
  const { report, of } = props;
  const title = useId();
  const errors = errorsOf(report);
  const own = report.findings.filter(({ ofSource }) => !ofSource);
  const sorted = [...own].sort((a, b) => a.severity.localeCompare(b.severity));
  const judged = report.dciodvfy?.errors.filter(({ ofSource }) => !ofSource) ?? [];
  const inherited = report.findings.length - own.length;
  return (
    <section className="stack" aria-labelledby={title} data-errors={errors}>
      <h3 id={title}>{of === undefined ? text.check.title : text.check.titleOf(of)}</h3>
      <p className="row small" role={errors > 0 ? 'alert' : 'status'}>
        {errors > 0 ? (
          <CircleAlert size={15} aria-hidden className="notice-icon" />
        ) : (
          <CircleCheck size={15} aria-hidden className="good" />
        )}
        {errors > 0 ? text.check.errors(errors) : text.check.clean(report.files)}
        {report.warnings > 0 && `, ${text.check.warnings(report.warnings)}`}
      </p>
      {own.length + judged.length > 0 && (
        <ul className="warnings">
          {sorted.slice(0, SHOWN).map((finding) => (
            <Found key={`${finding.code} ${finding.tag} ${finding.message}`} finding={finding} />
          ))}
          {judged.slice(0, SHOWN).map(({ message, files }) => (
            <li key={message} data-code="dciodvfy">
              <CircleAlert size={13} aria-hidden className="warning-icon" />
              <span>
                <strong>dciodvfy</strong> {message}
                {files > 1 && <span className="dim">{text.check.inFiles(files)}</span>}
              </span>
            </li>
          ))}
        </ul>
      )}
      {sorted.length > SHOWN && <p className="dim small">{text.export.more(sorted.length - SHOWN)}</p>}
      {inherited > 0 && <p className="dim small">{text.check.ofSource(inherited)}</p>}
      <p className="dim small">{judgeWords(report)}</p>
    </section>
  );
}

function Found({ finding }: { readonly finding: ReportedFinding }): ReactNode {
  const Icon = finding.severity === 'error' ? CircleAlert : TriangleAlert;
  return (
    <li data-code={finding.code} data-severity={finding.severity}>
      <Icon size={13} aria-hidden className="warning-icon" />
      <span>
        {finding.message}
        {finding.tag !== '' && <span className="mono dim"> {finding.tag}</span>}
        {finding.files > 1 && <span className="dim">{text.check.inFiles(finding.files)}</span>}
      </span>
    </li>
  );
}

function judgeWords({ dciodvfy }: ValidationReport): string {
  if (dciodvfy === null) return text.check.notInstalled;
  const { errors, files, unanswered } = dciodvfy;
  const inherited = errors.filter(({ ofSource }) => ofSource).length;
  return (
    text.check.judged(errors.length - inherited, files) +
    (inherited > 0 ? text.check.judgedOfSource(inherited) : '') +
    (unanswered > 0 ? text.check.unanswered(unanswered) : '') +
    '.'
  );
}
