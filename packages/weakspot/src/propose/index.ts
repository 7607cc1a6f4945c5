export { type LookedAt, imagesToLookAt, lookAt } from './looked-at.js';
export { type SetMeasures, measureSet, summarise } from './measure-set.js';
export { type Choice, type Proposal, describeProposal, describeRegions, propose } from './propose.js';
