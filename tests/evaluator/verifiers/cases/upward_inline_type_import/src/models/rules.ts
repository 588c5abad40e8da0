export { default } from '../services/articles';
