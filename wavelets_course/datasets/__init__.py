"""With this folder you can: load photographs and digits that need no download, and open MNIST,
Fashion-MNIST, CIFAR-10, Imagenette, ImageNet, Kodak's photographs or a folder of your own pictures, and sets
with boxes (PASCAL VOC, COCO, blood cells, your own); what is missing or damaged is named before it is used.
"""

from .boxed_pictures import Box as Box
from .boxed_pictures import BoxedPictures as BoxedPictures
from .boxed_pictures import DroppedBox as DroppedBox
from .classified_pictures import IMAGENETTE_CLASSES as IMAGENETTE_CLASSES
from .classified_pictures import check_class_folders as check_class_folders
from .classified_pictures import imagenet as imagenet
from .classified_pictures import imagenette as imagenette
from .coco import coco_detection as coco_detection
from .coco import coco_folder as coco_folder
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
from .shapes import SHAPE_CLASSES as SHAPE_CLASSES
from .shapes import ShapePictures as ShapePictures
from .torchvision_sets import as_tensor as as_tensor
from .torchvision_sets import cifar10 as cifar10
from .torchvision_sets import fashion_mnist as fashion_mnist
from .torchvision_sets import mnist as mnist
from .verification import DamagedFileError as DamagedFileError
from .verification import MissingFileError as MissingFileError
from .verification import check_files as check_files
from .verification import verify as verify
from .voc import BCCD_CLASSES as BCCD_CLASSES
from .voc import VOC_CLASSES as VOC_CLASSES
from .voc import bccd as bccd
from .voc import voc_detection as voc_detection
from .voc import voc_folder as voc_folder

__all__ = [
    "BCCD_CLASSES",
    "IMAGENETTE_CLASSES",
    "SHAPE_CLASSES",
    "VOC_CLASSES",
    "Box",
    "BoxedPictures",
    "DamagedFileError",
    "DownloadError",
    "DroppedBox",
    "MissingFileError",
    "ShapePictures",
    "as_tensor",
    "bccd",
    "check_class_folders",
    "check_files",
    "cifar10",
    "coco_detection",
    "coco_folder",
    "credit_photograph",
    "data_folder",
    "data_set",
    "data_set_names",
    "describe_photograph",
    "digits",
    "fashion_mnist",
    "fetch",
    "image_folder",
    "imagenet",
    "imagenette",
    "kodak",
    "mnist",
    "photograph",
    "photograph_names",
    "verify",
    "voc_detection",
    "voc_folder",
]
