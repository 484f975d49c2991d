// Around: nothing outside Node, because fetch speaks HTTP and ranges

export { type DownloadOptions, download, failureOf, refusalOf } from './download.ts';
