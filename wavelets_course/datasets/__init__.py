"""With this folder you can: load photographs and digits that need no download, and open MNIST,
Fashion-MNIST, CIFAR-10, Kodak's photographs or a folder of your own pictures, each file checked before it
is read.
"""

from .download import DownloadError as DownloadError
from .download import fetch as fetch
from .embedded_digits import digits as digits
from .known_files import data_set as data_set
from .known_files import data_set_names as data_set_names
from .kodak_suite import kodak as kodak
from .photographs import credit_photograph as credit_photograph
from .photographs import describe_photograph as describe_photograph
from .photographs import photograph as photograph
from .photographs import photograph_names as photograph_names
from .picture_folder import image_folder as image_folder
from .place import data_folder as data_folder
from .torchvision_sets import as_tensor as as_tensor
from .torchvision_sets import cifar10 as cifar10
from .torchvision_sets import fashion_mnist as fashion_mnist
from .torchvision_sets import mnist as mnist
from .verification import DamagedFileError as DamagedFileError
from .verification import MissingFileError as MissingFileError
from .verification import check_files as check_files
from .verification import verify as verify

__all__ = [
    "DamagedFileError",
    "DownloadError",
    "MissingFileError",
    "as_tensor",
    "check_files",
    "cifar10",
    "credit_photograph",
    "data_folder",
    "data_set",
    "data_set_names",
    "describe_photograph",
    "digits",
    "fashion_mnist",
    "fetch",
    "image_folder",
    "kodak",
    "mnist",
    "photograph",
    "photograph_names",
    "verify",
]
