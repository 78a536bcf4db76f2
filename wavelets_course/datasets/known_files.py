"""What the raw files of each data set must be, byte for byte, and where they come from.

Sizes and SHA-256 sums were taken from the files that torchvision unpacks; each archive's MD5 is the one
torchvision publishes, and each CIFAR-10 file also has the MD5 that torchvision lists for it. Kodak
publishes no sums: its files' were taken from two independent copies that agree.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class RawFile:
    """One file as it lies in the data folder.

    Parameters
    ----------
    path : str
        Where it lies, relative to the data folder, with forward slashes.
    size : int
        Bytes.
    sha256 : str
        Checksum of the unpacked file, 64 hexadecimal digits.
    """

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Archive:
    """One file to download: the same bytes at each of `urls`.

    Parameters
    ----------
    urls : tuple of str
        Tried in order.
    md5 : str
        Checksum of the archive as its publisher gives it.
    """

    urls: tuple[str, ...]
    md5: str


@dataclass(frozen=True)
class DataSet:
    """One data set: what it is, whose it is, and the files that make it up.

    Parameters
    ----------
    title : str
        What it holds, in half a line.
    page : str
        Where its authors describe it.
    terms : str
        Licence, as far as the authors state one.
    download_bytes : int
        Size of all archives together.
    archives : tuple of Archive
        ``.gz`` archives hold one file each, a ``.tar.gz`` holds them all; any other is the file itself.
    files : tuple of RawFile
        Everything that must be there, in the order of `archives` where these are not ``.tar.gz``.
    """

    title: str
    page: str
    terms: str
    download_bytes: int
    archives: tuple[Archive, ...]
    files: tuple[RawFile, ...]


_MNIST_MIRRORS = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "http://yann.lecun.com/exdb/mnist/")
_FASHION_MIRROR = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
_IDX = (
    ("train-images-idx3-ubyte", 47_040_016),
    ("train-labels-idx1-ubyte", 60_008),
    ("t10k-images-idx3-ubyte", 7_840_016),
    ("t10k-labels-idx1-ubyte", 10_008),
)


def _idx_archives(mirrors: tuple[str, ...], *md5s: str) -> tuple[Archive, ...]:
    return tuple(
        Archive(tuple(f"{mirror}{file}.gz" for mirror in mirrors), md5)
        for (file, _), md5 in zip(_IDX, md5s, strict=True)
    )


def _idx_files(folder: str, *sha256s: str) -> tuple[RawFile, ...]:
    return tuple(
        RawFile(f"{folder}/raw/{file}", size, sha256)
        for (file, size), sha256 in zip(_IDX, sha256s, strict=True)
    )


_KODAK = (
    (
        "kodim01.png",
        736_501,
        "797a5ed9e768bac2143197febe74e9f0",
        "a56e27cbf5f843c048b6af1d6e090760e9c92fadba88b7dee0205918a37523bd",
    ),
    (
        "kodim02.png",
        617_995,
        "40bfc5a525f4659c132e72b7a733e45e",
        "4f4b74a79237e311d72cad958237b5f7088d8bce1c82305ebefe1a70e3022dfd",
    ),
    (
        "kodim03.png",
        502_888,
        "5e9f48bd613eacfb6252c77ae7306a73",
        "e25ca1ff2f0c0cb5fdfd5f9b0a0bb21ac4c3de3c84a67f35b09a85d3306249db",
    ),
    (
        "kodim04.png",
        637_432,
        "f05d34fa98bd7fed4ecbe3597b71918e",
        "e3b946107c5d3441c022f678d0c3caf1e224d81b1604ba840a4f88e562de61aa",
    ),
    (
        "kodim05.png",
        785_610,
        "b79782844dae1e15aa9419c502a84f0a",
        "10349e963c5c813d327852f82c1795fa4148d69fedffc4c589bee458e3ac3d53",
    ),
    (
        "kodim06.png",
        618_959,
        "4be8c416ad84226df5ba3d289625770a",
        "363510303b715d4cbc384e1ce227e466b613a09e1b71ae985882bf8e7fbd9b18",
    ),
    (
        "kodim07.png",
        566_322,
        "4d97e7987524aff3bc495776179842be",
        "b77d3f006f42414bb242222e0482e750c0fb9e5ee8d4bed2f6f11c5605fe54a4",
    ),
    (
        "kodim08.png",
        788_470,
        "98454f0a6c3a35e70e69c20642c3bd1b",
        "ba23983c76b4832ee0e8af0592664756841a16779acd69f792e268fb6d13d6e7",
    ),
    (
        "kodim09.png",
        582_899,
        "07d3dba47087b5758a53010434cce622",
        "6a4361c2fc194feb4edaa9f9a4a0620fb9943e460ac7fdf037fb0f6dd6607a7d",
    ),
    (
        "kodim10.png",
        593_463,
        "929943052e22f71b29bff2fbe197daff",
        "9dfb70f5867c29ff9ed6313683f19b3d867849e40fbc0c4c54a4a89df341cf23",
    ),
    (
        "kodim11.png",
        621_023,
        "c04773608d99a39546de3d028a75bd35",
        "7936814b58b5387fce2e4e2488b4ec830dadd95fa9520f358ddb30990b50f2b6",
    ),
    (
        "kodim12.png",
        531_024,
        "c6c8dea947e5431173a7347bdb2c2262",
        "d78c37c2f04f23761ed2367dd77e2db584ddd4c3950833fecf89f199a8126980",
    ),
)
"""Name, bytes, MD5 and SHA-256 of the first twelve photographs of the suite."""


DATA_SETS: dict[str, DataSet] = {
    "mnist": DataSet(
        title="70,000 handwritten digits, 28x28, grey",
        page="http://yann.lecun.com/exdb/mnist/",
        terms="Y. LeCun and C. Cortes, CC BY-SA 3.0",
        download_bytes=11_594_722,
        archives=_idx_archives(
            _MNIST_MIRRORS,
            "f68b3c2dcbeaaa9fbdd348bbdeb94873",
            "d53e105ee54ea40749a09fcbcd1e9432",
            "9fb629c4189551a2d022fa330f9573f3",
            "ec29112dd5afa0611ce80d1b7f02629c",
        ),
        files=_idx_files(
            "MNIST",
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
    "fashion_mnist": DataSet(
        title="70,000 photographs of clothing, 28x28, grey",
        page="https://github.com/zalandoresearch/fashion-mnist",
        terms="Zalando SE, MIT licence",
        download_bytes=30_878_645,
        archives=_idx_archives(
            (_FASHION_MIRROR,),
            "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "25c81989df183df01b3e8a0aad5dffbe",
            "bef4ecab320f06d8554ea6380940ec79",
            "bb300cfdad3c16e7a12a480ee83cd310",
        ),
        files=_idx_files(
            "FashionMNIST",
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        ),
    ),
    "cifar10": DataSet(
        title="60,000 photographs of ten kinds of things, 32x32, colour",
        page="https://www.cs.toronto.edu/~kriz/cifar.html",
        terms="A. Krizhevsky, V. Nair and G. Hinton; no licence stated, cite Krizhevsky 2009",
        download_bytes=170_498_071,
        archives=(
            Archive(
                ("https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",),
                "c58f30108f718f92721af3b95e74349a",
            ),
        ),
        files=(
            RawFile(
                "cifar-10-batches-py/data_batch_1",
                31_035_704,
                "54636561a3ce25bd3e19253c6b0d8538147b0ae398331ac4a2d86c6d987368cd",
            ),
            RawFile(
                "cifar-10-batches-py/data_batch_2",
                31_035_320,
                "766b2cef9fbc745cf056b3152224f7cf77163b330ea9a15f9392beb8b89bc5a8",
            ),
            RawFile(
                "cifar-10-batches-py/data_batch_3",
                31_035_999,
                "0f00d98ebfb30b3ec0ad19f9756dc2630b89003e10525f5e148445e82aa6a1f9",
            ),
            RawFile(
                "cifar-10-batches-py/data_batch_4",
                31_035_696,
                "3f7bb240661948b8f4d53e36ec720d8306f5668bd0071dcb4e6c947f78e9682b",
            ),
            RawFile(
                "cifar-10-batches-py/data_batch_5",
                31_035_623,
                "d91802434d8376bbaeeadf58a737e3a1b12ac839077e931237e0dcd43adcb154",
            ),
            RawFile(
                "cifar-10-batches-py/test_batch",
                31_035_526,
                "f53d8d457504f7cff4ea9e021afcf0e0ad8e24a91f3fc42091b8adef61157831",
            ),
            RawFile(
                "cifar-10-batches-py/batches.meta",
                158,
                "f962466ef690d46b226450fb9aadc74ba4bc64a76aa526b5827fe4bc5c7125cb",
            ),
        ),
    ),
    "kodak": DataSet(
        title="12 photographs, 768x512 or 512x768, colour",
        page="https://r0k.us/graphics/kodak/",
        terms="Eastman Kodak, released for unrestricted use as its page states",
        download_bytes=7_582_586,
        archives=tuple(
            Archive((f"https://r0k.us/graphics/kodak/kodak/{name}",), md5) for name, _, md5, _ in _KODAK
        ),
        files=tuple(RawFile(f"kodak/{name}", size, sha256) for name, size, _, sha256 in _KODAK),
    ),
}


def data_set_names() -> tuple[str, ...]:
    """List the data sets that can be downloaded and checked.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> data_set_names()
    ('mnist', 'fashion_mnist', 'cifar10', 'kodak')
    """
    return tuple(DATA_SETS)


def data_set(name: str) -> DataSet:
    """Look one data set up.

    Parameters
    ----------
    name : str
        One of `data_set_names`.

    Returns
    -------
    DataSet

    Raises
    ------
    ValueError
        If there is no data set of that name.

    Examples
    --------
    >>> data_set("cifar10").files[-1].path
    'cifar-10-batches-py/batches.meta'
    """
    if name not in DATA_SETS:
        raise ValueError(f"there is no data set {name!r}; choose one of {', '.join(DATA_SETS)}.")
    return DATA_SETS[name]
