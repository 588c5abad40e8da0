import { slugify } from '@conduit/shared';

export class Article { slug = slugify('a'); }
