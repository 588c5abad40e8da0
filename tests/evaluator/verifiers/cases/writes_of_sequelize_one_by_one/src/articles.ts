import { Article, Tag } from './models';

export async function create(title: string, names: string[]) {
  const article = await Article.create({ title });
  const tags = await Tag.bulkCreate(names.map((name) => ({ name })));
  await article.setTags(tags);
  return article;
}
