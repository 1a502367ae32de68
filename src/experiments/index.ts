/** Comparisons of models on the same text. */
export {
  describeRival,
  RIVALS,
  type Rival,
  type RivalOptions,
  type RivalResult,
  trainRival,
} from './contenders.ts'
