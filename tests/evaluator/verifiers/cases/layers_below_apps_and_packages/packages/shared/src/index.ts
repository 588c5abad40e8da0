export { slugify } from './services/slugify';
