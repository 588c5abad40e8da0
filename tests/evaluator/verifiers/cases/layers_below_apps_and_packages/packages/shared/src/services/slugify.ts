export const slugify = (text: string) => text;
