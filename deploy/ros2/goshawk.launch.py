"""Starts Goshawk beside a camera node: ros2 launch ./goshawk.launch.py model:=/opt/models/street image:=/camera/image_raw

With managed:=true a lifecycle manager says when it loads and when it takes frames. More remappings and parameters:
arguments:="-r ~/detections:=/detections -p score_threshold:=0.4".
"""

import shlex

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, ExecuteProcess, OpaqueFunction
from launch.substitutions import LaunchConfiguration


def start(context):
    def value(name):
        return LaunchConfiguration(name).perform(context)

    command = ['goshawk', 'run', '--model', value('model')]
    source = 'ros:' + value('image')
    if value('image_qos'):
        source += '?' + value('image_qos')
    command += ['--source', source, '--publish', 'ros', '--ros', value('adapter')]
    if value('qos'):
        command += ['--ros-qos', value('qos')]
    if value('managed') == 'true':
        command += ['--no-ros-auto-activate']
    namespace = value('namespace').strip('/')
    command += ['--ros-args', '-r', '__node:=' + value('node').strip('/')]
    if namespace:
        command += ['-r', '__ns:=/' + namespace]
    if value('params_file'):
        command += ['--params-file', value('params_file')]
    command += shlex.split(value('arguments'))
    return [ExecuteProcess(cmd=command, output='screen')]


def generate_launch_description():
    return LaunchDescription([
        DeclareLaunchArgument('model', description='folder of the model bundle'),
        DeclareLaunchArgument('image', default_value='/camera/image_raw'),
        DeclareLaunchArgument('image_qos', default_value='', description='reliability=reliable&depth=10'),
        DeclareLaunchArgument('node', default_value='goshawk'),
        DeclareLaunchArgument('namespace', default_value=''),
        DeclareLaunchArgument('adapter', default_value='auto', description='auto, dds, fastdds or rclnodejs'),
        DeclareLaunchArgument('qos', default_value='', description='detections?reliability=best_effort&depth=1'),
        DeclareLaunchArgument('managed', default_value='false'),
        DeclareLaunchArgument('params_file', default_value=''),
        DeclareLaunchArgument('arguments', default_value='', description='more of them, as after --ros-args'),
        OpaqueFunction(function=start),
    ])
