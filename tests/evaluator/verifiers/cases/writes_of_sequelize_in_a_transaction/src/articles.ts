import { Article, Tag, sequelize } from './models';

export const create = (title: string, names: string[]) =>
  sequelize.transaction(async (transaction) => {
    const article = await Article.create({ title }, { transaction });
    const tags = await Tag.bulkCreate(names.map((name) => ({ name })), { transaction });
    await article.setTags(tags, { transaction });
    return article;
  });
