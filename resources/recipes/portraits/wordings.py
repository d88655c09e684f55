"""How each attribute may be said, in English and in Chinese. `{}` is the colour's place."""

from __future__ import annotations

PERSON = {
    "en": {
        "any": (
            "a person",
            "someone",
            "a portrait of a person",
            "a character",
            "a face",
            "portrait",
        ),
        "bearded": ("a man", "a guy", "a gentleman"),
        "beardless": ("a woman", "a girl", "a lady"),
    },
    "zh": {
        "any": ("一个人", "一个人的肖像", "一个角色", "肖像"),
        "bearded": ("一个男人", "一位先生"),
        "beardless": ("一个女人", "一个女孩", "一位女士"),
    },
}
"""Beards are drawn on no one else, so "a man" may mean one; "a woman" never has one."""

COLOURS = {
    "black": (("black",), ("黑色", "黑")), "brown": (("brown",), ("棕色", "褐色")),
    "blonde": (("blonde", "blond", "golden"), ("金色", "金")), "red": (("red",), ("红色", "红")),
    "grey": (("grey", "gray"), ("灰色", "灰")), "blue": (("blue",), ("蓝色", "蓝")),
    "pink": (("pink",), ("粉色", "粉红色")), "green": (("green",), ("绿色", "绿")),
    "orange": (("orange",), ("橙色",)), "yellow": (("yellow",), ("黄色",)),
    "teal": (("teal", "turquoise"), ("青色",)),
    "purple": (("purple", "violet"), ("紫色",)), "white": (("white",), ("白色",)),
    "night": (("dark blue", "night blue"), ("深蓝色", "夜色")),
}  # fmt: skip

SKIN = {
    "light": (("light skin", "pale skin", "fair skin"), ("白皙皮肤", "浅色皮肤")),
    "tan": (("tan skin", "tanned skin"), ("小麦色皮肤",)),
    "brown": (("brown skin",), ("棕色皮肤",)),
    "dark": (("dark skin",), ("深色皮肤", "黑皮肤")),
}
HAIR = {
    "short": (("short {} hair", "{} short hair"), ("{}短发",)),
    "curly": (("curly {} hair", "{} curls", "{} curly hair"), ("{}卷发",)),
    "long": (("long {} hair", "{} long hair"), ("{}长发",)),
    "bob": (("a {} bob", "a {} bob haircut"), ("{}波波头",)),
    "bun": (("a {} bun", "{} hair in a bun"), ("{}发髻", "{}丸子头")),
    "ponytail": (("a {} ponytail", "{} hair in a ponytail"), ("{}马尾",)),
    "spiky": (("spiky {} hair", "{} spiky hair"), ("{}刺猬头",)),
    "bald": (("a bald head with a {} tuft", "a bald head and a {} tuft"), ("光头和一撮{}头发",)),
}
MOUTH = {
    "happy": (("smiling", "happy", "with a smile"), ("微笑", "开心")),
    "laughing": (("laughing", "grinning", "with a grin"), ("大笑", "咧嘴笑")),
    "surprised": (("surprised", "astonished", "with an open mouth"), ("惊讶", "吃惊")),
    "sad": (("sad", "unhappy", "frowning"), ("伤心", "难过")),
}
GLASSES = {
    "none": (("without glasses", "no glasses"), ("不戴眼镜",)),
    "glasses": (("glasses", "wearing glasses"), ("戴眼镜",)),
    "sunglasses": (("sunglasses", "wearing sunglasses", "dark glasses"), ("戴墨镜", "戴太阳镜")),
}
BEARD = {
    "none": (("without a beard", "clean shaven", "no beard"), ("没有胡子",)),
    "beard": (("a beard", "bearded", "a full beard"), ("留胡子", "大胡子")),
}
EXTRA = {
    "none": ((), ()),
    "earrings": (("earrings", "wearing earrings", "gold earrings"), ("戴耳环",)),
    "flowers": (("flowers in the hair", "white flowers in the hair"), ("头上有花", "头戴白花")),
    "freckles": (("freckles", "freckled"), ("有雀斑",)),
}
CLOTHES = {
    "plain": (("a {} shirt", "a plain {} top", "a {} top"), ("{}上衣", "{}衬衫")),
    "stripes": (("a striped {} shirt", "a {} shirt with stripes"), ("{}条纹上衣",)),
    "hoodie": (("a {} hoodie",), ("{}连帽衫",)),
    "collar": (("a {} shirt with a collar", "a {} collared shirt"), ("{}有领衬衫",)),
}
BACKGROUND = (("on a {} background", "in front of a {} wall", "{} background"), ("{}背景",))
