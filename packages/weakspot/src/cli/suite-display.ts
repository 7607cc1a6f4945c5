import { TEXT_WIDTH, wrapText } from '../report/index.js';
import {
  type Suite,
  type SuiteEvent,
  gainTable,
  overallLegend,
  overallTable,
  suiteTestLegend,
  suiteTestTable,
} from '../suite/index.js';
import { describeMissing, describeSuiteTest, readingTitle } from '../suite/tables.js';
import { createCompareDisplay } from './compare-display.js';
import type { EventDisplay } from './follow.js';
import { type ProgressDisplay, startProgress } from './progress.js';
import type { SettingProposal } from './suite-request.js';
import { type Terminal, countOf, reportError } from './terminal.js';

/** Shows a suite's events to a person, on standard error; no progress any more once the signal fires. */
export function createSuiteDisplay(terminal: Terminal, signal: AbortSignal): EventDisplay<SuiteEvent> {
  let progress: ProgressDisplay | undefined;
  let comparing = createCompareDisplay(terminal, signal);
  let films = '';
  const stop = (): void => {
    comparing.stop();
    progress?.stop();
    progress = undefined;
    films = '';
  };
  const show = (event: SuiteEvent): void => {
    switch (event.type) {
      case 'suite':
        terminal.err(
          `${countOf(event.sets.length, 'set')}: ${event.sets.join(', ')}; ` +
            `${countOf(event.settings.length, 'setting')}: ${event.settings.join(', ')}`,
        );
        break;
      case 'phantoms':
        if (films !== event.set) {
          stop();
          progress = startProgress(terminal, `phantoms of ${event.set}`, event.total, signal);
          films = event.set;
        }
        progress?.update(event.done);
        break;
      case 'checked':
        stop();
        terminal.err(`${countOf(event.runs, 'run')} in all`);
        break;
      case 'set':
        stop();
        comparing = createCompareDisplay(terminal, signal);
        terminal.err(`set ${event.number} of ${event.total}: ${event.set}`);
        break;
      case 'compare':
        // That the suite was stopped is said once.
        if (event.event.type !== 'stopped') comparing.show(event.event);
        break;
      case 'failed':
        stop();
        terminal.err(`${event.set} failed; the other sets go on`);
        reportError(event.error, terminal);
        break;
      case 'stopped':
        stop();
        terminal.err('stopped: finished work is kept; run the same command again to continue');
        break;
      case 'done':
        stop();
        for (const line of describeMissing(event.suite)) terminal.err(wrapText(`warning: ${line}`, TEXT_WIDTH, '  '));
        for (const file of event.files) terminal.err(`wrote ${file}`);
        break;
    }
  };
  return { show, stop };
}

/** The result, as text, no line of it longer than 120 columns: test set by test set, then over all. */
export function describeSuite(suite: Suite): string {
  if (suite.tests.length === 0) return 'No set was finished.';
  const readings = ['inRegion', 'atTolerance'] as const;
  const ofTests = suite.tests.map((test) =>
    [
      describeSuiteTest(test),
      ...readings.map((reading) => `${readingTitle(reading, suite)}\n${suiteTestTable(test, reading)}`),
    ].join('\n\n'),
  );
  const overall = readings.map((reading) =>
    [`All test sets. ${readingTitle(reading, suite)}`, overallTable(suite, reading), gainTable(suite, reading)].join(
      '\n\n',
    ),
  );
  return [...ofTests, wrapText(suiteTestLegend(suite)), ...overall, wrapText(overallLegend(suite))].join('\n\n');
}

/** What was chosen to suit a set, settings with the same choices together. */
export function describeChosen(set: string, chosen: readonly SettingProposal[]): string[] {
  const groups = new Map<string, string[]>();
  for (const { setting, proposal } of chosen) {
    const choices = [...new Set(proposal.choices.map(({ what }) => what))].join(', ');
    if (choices !== '') groups.set(choices, [...(groups.get(choices) ?? []), setting]);
  }
  return [...groups].map(([choices, settings]) =>
    wrapText(`${set}: chosen to suit it, as not given for ${settings.join(', ')}: ${choices}`, TEXT_WIDTH, '  '),
  );
}
