import { source } from '../database';
import { Article } from '../models/article';

export function newest() {
  return source.getRepository(Article).find({ order: { id: 'DESC' } });
}
